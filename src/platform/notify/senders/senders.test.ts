import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testConfig } from '../../../../test/support/config.ts';
import { testDatabase } from '../../../../test/support/postgres.ts';
import type { DeliveryMeta } from '../delivery.ts';
import { createSenders } from './create-senders.ts';
import { createGovukNotifySender } from './govuk-notify-sender.ts';
import { createSmtpSender } from './smtp-sender.ts';

const meta = (attempts = 1): DeliveryMeta => ({
  messageId: '01990000-0000-7000-8000-000000000000',
  attempts,
  signal: new AbortController().signal,
});
const message = { to: 'ada@example.com', subject: 'Eich cod yw’r rhif hwn: ŵ', body: 'Cod: 123456\nDiolch â chroeso.' };

let closers: (() => unknown)[];
beforeEach(() => (closers = []));
afterEach(() => Promise.all(closers.map((close) => close())));

const says = (code: number) => Object.assign(new Error('says the server'), { responseCode: code });

async function mailServer(options: SMTPServerOptions = {}) {
  const mails: { raw: string; to: string[] }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      const lines: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => lines.push(chunk));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        mails.push({ raw: Buffer.concat(lines).toString(), to });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  const sockets = new Set<Socket>();
  server.server.on('connection', (socket: Socket) => sockets.add(socket));
  const hangUp = () => sockets.forEach((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const sender = createSmtpSender({
    url: `smtp://127.0.0.1:${address.port}`,
    from: 'Latchkey <no-reply@id.example>',
  });
  const stop = () => new Promise<void>((resolve) => server.close(resolve));
  closers.push(async () => {
    hangUp();
    await sender.close();
    await stop();
  });
  return { mails, sender, stop, hangUp };
}

describe('SMTP, against a real server', () => {
  it('delivers text in any language with the message id as Message-ID', async () => {
    const { mails, sender } = await mailServer();
    expect(await sender.email(message, meta())).toEqual({ outcome: 'sent' });
    expect(mails).toHaveLength(1);
    const { raw, to } = mails[0]!;
    expect(to).toEqual(['ada@example.com']);
    expect(raw).toContain('Message-ID: <01990000-0000-7000-8000-000000000000@id.example>');
    expect(raw).toContain('Auto-Submitted: auto-generated');
    expect(raw).toContain('Content-Type: text/plain; charset=utf-8');
    expect(raw).toMatch(/Cod: 123456/);
  });

  it('K10: line breaks in a subject or an address make no header of their own', async () => {
    const { mails, sender } = await mailServer();
    await sender.email({ ...message, subject: 'Hello\r\nBcc: eve@example.com' }, meta());
    expect(mails[0]!.to).toEqual(['ada@example.com']);
    expect(mails[0]!.raw).not.toMatch(/^Bcc:/m);
    await sender.email({ ...message, to: 'ada@example.com, eve@example.com' }, meta());
    await sender.email({ ...message, to: 'ada@example.com>\r\nRCPT TO:<eve@example.com' }, meta());
    expect(mails.flatMap(({ to }) => to)).not.toContain('eve@example.com');
  });

  it('takes a refused recipient as refused, a busy one as failed, and the rest as the gateway’s', async () => {
    const refusing = await mailServer({ onRcptTo: (_address, _session, done) => done(says(550)) });
    expect(await refusing.sender.email(message, meta())).toEqual({ outcome: 'refused', reason: 'smtp:550' });
    const busy = await mailServer({ onRcptTo: (_address, _session, done) => done(says(450)) });
    expect(await busy.sender.email(message, meta())).toMatchObject({ outcome: 'failed', blame: 'recipient' });
    const full = await mailServer({ onMailFrom: (_address, _session, done) => done(says(451)) });
    expect(await full.sender.email(message, meta())).toMatchObject({ outcome: 'failed', blame: 'gateway' });
  });

  it('F25: a server that is away failed for certain', async () => {
    const { sender, stop } = await mailServer();
    await stop();
    expect(await sender.email(message, meta())).toEqual({
      outcome: 'failed',
      reason: 'smtp:ECONNREFUSED',
      blame: 'gateway',
      unsure: false,
    });
  });

  it('I8: a connection lost after the mail went over is unsure', async () => {
    let took = 0;
    const server = await mailServer({
      onData(stream) {
        took += 1;
        stream.resume().on('end', () => server.hangUp());
      },
    });
    expect(await server.sender.email(message, meta())).toMatchObject({
      outcome: 'failed',
      blame: 'gateway',
      unsure: true,
    });
    expect(took).toBe(1);
  });
});

const failure = (status: number, error: string) => [status, { status_code: status, errors: [{ error }] }] as const;

describe('GOV.UK Notify, against a mock of its API', () => {
  const apiKey = 'test-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0';

  interface Call {
    readonly method: string;
    readonly url: string;
    readonly authorization: string;
    readonly body: unknown;
  }

  async function notify(answer: (call: Call) => readonly [status: number, body: object] | 'hang up') {
    const calls: Call[] = [];
    const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const body = await text(request);
      const call = {
        method: request.method ?? '',
        url: request.url ?? '',
        authorization: request.headers.authorization ?? '',
        body: body === '' ? undefined : (JSON.parse(body) as unknown),
      };
      calls.push(call);
      const answered = answer(call);
      if (answered === 'hang up') return void request.socket.destroy();
      response.writeHead(answered[0], { 'content-type': 'application/json' }).end(JSON.stringify(answered[1]));
    };
    const server = createServer((request, response) => void handle(request, response));
    closers.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
    const port = await listen(server);
    const sender = createGovukNotifySender({
      apiKey,
      baseUrl: `http://127.0.0.1:${port}`,
      emailTemplateId: 'email-template',
      smsTemplateId: 'sms-template',
    });
    return { calls, sender, server };
  }

  it('sends mail and texts with the message id as reference', async () => {
    const { calls, sender } = await notify(() => [201, { id: 'n1' }]);
    expect(await sender.email(message, meta())).toEqual({ outcome: 'sent' });
    expect(await sender.sms({ to: '+447700900001', body: 'Code' }, meta())).toEqual({ outcome: 'sent' });
    expect(calls.map(({ url, body }) => [url, body])).toEqual([
      [
        '/v2/notifications/email',
        {
          template_id: 'email-template',
          email_address: 'ada@example.com',
          personalisation: { subject: message.subject, body: message.body },
          reference: '01990000-0000-7000-8000-000000000000',
        },
      ],
      [
        '/v2/notifications/sms',
        {
          template_id: 'sms-template',
          phone_number: '+447700900001',
          personalisation: { body: 'Code' },
          reference: '01990000-0000-7000-8000-000000000000',
        },
      ],
    ]);
    expect(calls[0]!.authorization).toMatch(/^Bearer ey/);
    expect(JSON.stringify(calls)).not.toContain('3d844edf');
  });

  it('I8: asks before a second try whether the first arrived', async () => {
    const { calls, sender } = await notify(({ method }) =>
      method === 'GET'
        ? [200, { notifications: [{ reference: '01990000-0000-7000-8000-000000000000' }], links: {} }]
        : [201, {}],
    );
    expect(await sender.email(message, meta(2))).toEqual({ outcome: 'sent' });
    expect(calls.map(({ method }) => method)).toEqual(['GET']);
    expect(calls[0]!.url).toContain('reference=01990000-0000-7000-8000-000000000000');

    const lost = await notify(({ method }) => (method === 'GET' ? [200, { notifications: [] }] : [201, {}]));
    expect(await lost.sender.email(message, meta(2))).toEqual({ outcome: 'sent' });
    expect(lost.calls.map(({ method }) => method)).toEqual(['GET', 'POST']);

    const unknown = await notify(({ method }) => (method === 'GET' ? failure(500, 'Exception') : [201, {}]));
    expect(await unknown.sender.email(message, meta(2))).toMatchObject({ outcome: 'failed', unsure: false });
    expect(unknown.calls.map(({ method }) => method)).toEqual(['GET']);
  });

  it.each([
    ['a bad address', failure(400, 'ValidationError'), { outcome: 'refused', reason: 'notify:400' }],
    ['a bad request of ours', failure(400, 'BadRequestError'), { outcome: 'failed', blame: 'recipient' }],
    ['a wrong key', failure(403, 'AuthError'), { outcome: 'failed', blame: 'gateway', unsure: false }],
    ['too many', failure(429, 'RateLimitError'), { outcome: 'failed', blame: 'gateway', unsure: false }],
    ['an exception', failure(500, 'Exception'), { outcome: 'failed', blame: 'gateway', unsure: true }],
    ['maintenance', failure(503, 'x'), { outcome: 'failed', blame: 'gateway', unsure: false }],
    ['a lost connection', 'hang up' as const, { outcome: 'failed', blame: 'gateway', unsure: true }],
  ])('F25: %s', async (_, answer, outcome) => {
    const { sender } = await notify(() => answer);
    expect(await sender.email(message, meta())).toMatchObject(outcome);
  });

  it('F25: a server that is away failed for certain', async () => {
    const { sender, server } = await notify(() => [201, {}]);
    server.close();
    await once(server, 'close');
    expect(await sender.email(message, meta())).toMatchObject({ blame: 'gateway', unsure: false });
  });
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // eslint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server has an AddressInfo
  return (server.address() as AddressInfo).port;
}

it('the configuration picks the sender, and says when its settings are missing', async () => {
  const { db, drop } = await testDatabase();
  closers.push(drop);
  const notify = testConfig().notify;
  const inbox = createSenders(notify, db);
  await inbox.email(message, meta());
  await inbox.email(message, meta(2));
  await inbox.sms(
    { to: '+447700900001', body: 'Code' },
    { ...meta(), messageId: '01990000-0000-7000-8000-000000000001' },
  );
  const rows = await db.query({ text: 'SELECT kind, recipient FROM development_inbox ORDER BY kind' });
  expect(rows).toEqual([
    { kind: 'email', recipient: 'ada@example.com' },
    { kind: 'sms', recipient: '+447700900001' },
  ]);
  expect(() => createSenders({ ...notify, sender: 'smtp' }, db)).toThrow('notify.sender is smtp');
  expect(() => createSenders({ ...notify, sender: 'govuk-notify' }, db)).toThrow('settings are missing');
  const smtp = createSenders({ ...notify, sender: 'smtp', smtpUrl: 'smtp://127.0.0.1:1' }, db);
  expect(await smtp.sms({ to: '+447700900001', body: 'Code' }, meta())).toMatchObject({ outcome: 'refused' });
  await smtp.close();
});
