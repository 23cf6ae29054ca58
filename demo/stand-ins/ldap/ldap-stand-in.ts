import { once } from 'node:events';
import { createServer, type TLSSocket } from 'node:tls';
import { BerReader, BerWriter, BindRequest, PresenceFilter, SearchRequest } from 'ldapts';
import { listenNear } from '../../ports.ts';
import { selfSigned } from '../self-signed.ts';
import { ACTIVE_DIRECTORY, type Directory, OPEN_LDAP } from './old-directories.ts';

// An LDAP server of one person: simple bind and search, over TLS, no more. As OpenLDAP (M13) or Active Directory (M14)
// would answer for her.

const PASSWORD = 'correct horse battery staple';
const READER_PASSWORD = 'reader-of-the-demonstration';

export interface LdapStandIn {
  readonly url: string;
  readonly ca: string;
  readonly base: string;
  readonly reader: { readonly dn: string; readonly password: string };
  stop: () => Promise<void>;
}

export async function startLdapStandIn({
  port = 0,
  like = 'openldap',
}: { port?: number; like?: 'openldap' | 'active-directory' } = {}): Promise<LdapStandIn> {
  const directory = like === 'openldap' ? OPEN_LDAP : ACTIVE_DIRECTORY;
  const { key, certificate } = selfSigned(`Stand-in for ${like}`);
  const sockets = new Set<TLSSocket>();
  const server = createServer({ key, cert: certificate }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    serve(socket, directory);
  });
  await listenNear(server, port);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return {
    url: `ldaps://127.0.0.1:${address.port}`,
    ca: certificate,
    base: directory.base,
    reader: { dn: directory.reader, password: READER_PASSWORD },
    async stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
      if (server.listening) await once(server, 'close');
    },
  };
}

function serve(socket: TLSSocket, directory: Directory): void {
  let held = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    try {
      for (let size = sizeOfFirst(held); size <= held.length; size = sizeOfFirst(held)) {
        answer(socket, held.subarray(0, size), directory);
        held = held.subarray(size);
      }
    } catch {
      socket.destroy();
    }
  });
}

function sizeOfFirst(bytes: Buffer): number {
  const reader = new BerReader(bytes);
  return reader.readSequence(0x30) === null ? Infinity : reader.offset + reader.length;
}

function answer(socket: TLSSocket, bytes: Buffer, directory: Directory): void {
  const reader = new BerReader(bytes);
  reader.readSequence(0x30);
  const messageId = reader.readInt() ?? 0;
  const operation = reader.readSequence();
  if (operation === 0x60) {
    const request = new BindRequest({ messageId });
    request.parseMessage(reader);
    const isRight = passwordOf(request.dn, directory) === request.password;
    socket.write(result(messageId, 0x61, isRight ? 0 : 49, isRight ? '' : directory.wrong));
  } else if (operation === 0x63) {
    const request = new SearchRequest({ messageId, filter: new PresenceFilter({ attribute: 'objectclass' }) });
    request.parseMessage(reader);
    const { attributes, anna } = directory;
    const searchable = Object.fromEntries(Object.entries(attributes).map(([name, held]) => [name, held.toString()]));
    if (request.filter.matches(searchable)) socket.write(entry(messageId, anna, attributes, request.attributes));
    socket.write(result(messageId, 0x65, 0, ''));
  } else socket.end();
}

function passwordOf(dn: string, { reader, anna }: Directory): string | undefined {
  if (dn === reader) return READER_PASSWORD;
  return dn === anna ? PASSWORD : undefined;
}

function result(messageId: number, kind: number, code: number, words: string): Buffer {
  return message(messageId, kind, (writer) => {
    writer.writeEnumeration(code);
    writer.writeString('');
    writer.writeString(words);
  });
}

function entry(messageId: number, dn: string, held: Directory['attributes'], wanted: readonly string[]): Buffer {
  return message(messageId, 0x64, (writer) => {
    writer.writeString(dn);
    writer.startSequence();
    for (const [name, content] of Object.entries(held)) {
      if (!wanted.includes(name)) continue;
      writer.startSequence();
      writer.writeString(name);
      writer.startSequence(0x31);
      writer.writeBuffer(Buffer.from(content), 0x04);
      writer.endSequence();
      writer.endSequence();
    }
    writer.endSequence();
  });
}

function message(messageId: number, kind: number, write: (writer: BerWriter) => void): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(messageId);
  writer.startSequence(kind);
  write(writer);
  writer.endSequence();
  writer.endSequence();
  return writer.buffer;
}
