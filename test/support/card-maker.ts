import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { needTool } from './legacy-servers/run-tool.ts';
import { throwawayFolder } from './legacy-servers/throwaway-folder.ts';

export interface Made {
  readonly name: string;
  readonly pem: string;
  readonly der: Buffer;
}

export interface MakeCard {
  readonly name: string;
  readonly subject?: string;
  /** Left out: it vouches for itself. */
  readonly by?: Made;
  readonly extensions?: readonly string[];
  /** Of a certificate that was made before: a renewal. */
  readonly keyOf?: Made;
  readonly serial?: string;
  readonly key?: readonly string[];
  readonly digest?: string;
  /** 90 when left out. */
  readonly days?: number;
}

export interface CardMaker {
  make(card: MakeCard): Promise<Made>;
  /** DER. */
  list(by: Made, revoked: readonly string[], extensions?: readonly string[]): Promise<Buffer>;
  stop: () => Promise<void>;
}

export const AUTHORITY = ['basicConstraints=critical,CA:true', 'keyUsage=critical,keyCertSign,cRLSign'];
export const PERSON = ['keyUsage=critical,digitalSignature', 'extendedKeyUsage=clientAuth'];
const NEW = ['-x509', '-config', 'empty.cnf', '-utf8'];
const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];

/** Certificates of any shape, by openssl. */
export async function cardMaker(): Promise<CardMaker> {
  const folder = await throwawayFolder('cards');
  const at = (name: string): string => join(folder.path, name);
  const openssl = (...args: string[]): Promise<string> => needTool('openssl', args, { cwd: folder.path });
  await writeFile(at('empty.cnf'), '[req]\ndistinguished_name = none\n[none]\n');
  let lists = 0;
  return {
    async make({ name, subject, by, extensions = PERSON, keyOf, serial, key = EC, digest, days = 90 }) {
      const signer = by ? ['-CA', `${by.name}.pem`, '-CAkey', `${by.name}.key`] : [];
      const keys = keyOf ? ['-new', '-key', `${keyOf.name}.key`] : [...key, '-nodes', '-keyout', `${name}.key`];
      await openssl(
        'req',
        ...NEW,
        '-days',
        String(days),
        '-out',
        `${name}.pem`,
        '-subj',
        subject ?? `/O=Cards/CN=${name}`,
        ...keys,
        ...signer,
        ...(serial === undefined ? [] : ['-set_serial', serial]),
        ...(digest === undefined ? [] : [`-${digest}`]),
        ...extensions.flatMap((extension) => ['-addext', extension]),
      );
      const pem = await readFile(at(`${name}.pem`), 'utf8');
      return { name, pem, der: Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64') };
    },
    async list(by, revoked, extensions = []) {
      lists += 1;
      const [database, config, out] = [`${lists}.txt`, `${lists}.cnf`, `${lists}.crl`];
      const rows = revoked.map((serial) => `R\t350101000000Z\t260101000000Z\t${serial}\tunknown\t/CN=gone\n`);
      await writeFile(at(database), rows.join(''));
      const settings = `database = ${database}\ndefault_md = sha256\ndefault_crl_days = 2\n`;
      const more = `[more]\n${extensions.map((line) => `${line}\n`).join('')}`;
      await writeFile(at(config), `[ca]\ndefault_ca = one\n[one]\n${settings}crl_extensions = more\n${more}[none]\n`);
      const signer = ['-cert', `${by.name}.pem`, '-keyfile', `${by.name}.key`];
      await openssl('ca', '-config', config, '-gencrl', ...signer, '-out', out);
      await openssl('crl', '-in', out, '-outform', 'DER', '-out', `${out}.der`);
      return readFile(at(`${out}.der`));
    },
    stop: () => folder.remove(),
  };
}
