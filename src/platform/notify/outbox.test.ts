import { setTimeout as sleep } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testConfig } from '../../../test/support/config.ts';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { createKeyRing } from '../crypto/key-ring.ts';
import type { DeliveryHandlers, DeliveryMeta, DeliveryOutcome } from './delivery.ts';
import { enqueueMessage } from './enqueue-message.ts';
import type { OutgoingMessage } from './message.ts';
import { sweepOutbox } from './outbox-store.ts';
import { createOutboxWorker, type OutboxWorker } from './outbox-worker.ts';

const keyRing = createKeyRing(testConfig().secrets);
const minute = 60_000;

let database: TestDatabase;
let time: number;
let workers: OutboxWorker[];

beforeAll(async () => {
  database = await testDatabase({ poolSize: 10 });
});
afterAll(() => database.drop());
beforeEach(async () => {
  time = Date.parse('2026-11-22T09:00:00Z');
  workers = [];
  await database.db.query({ text: 'DELETE FROM outbox' });
});
afterEach(() => Promise.all(workers.map((worker) => worker.stop())));

/** Every message is a moment younger than the one before. */
async function enqueue(message: OutgoingMessage): Promise<void> {
  time += 1;
  await database.db.transaction((tx) => enqueueMessage(tx, keyRing, message, new Date(time)));
}

const email = (to: string, body = 'Your code is 123456', lives = 10 * minute): OutgoingMessage => ({
  kind: 'email',
  to,
  subject: 'Your code',
  body,
  expiresAt: new Date(time + lives),
});
const logout = (clientId: string, sid: string): OutgoingMessage => ({
  kind: 'backchannel-logout',
  payload: { clientId, sid },
  expiresAt: new Date(time + 24 * 60 * minute),
});

interface Sent {
  readonly text: string;
  readonly messageId: string;
  readonly at: number;
}

function stage(answer: (text: string, meta: DeliveryMeta) => Promise<DeliveryOutcome | void> | DeliveryOutcome | void) {
  const tried: Sent[] = [];
  const handle =
    (textOf: (payload: Readonly<Record<string, string>>) => string) =>
    async (payload: Readonly<Record<string, string>>, meta: DeliveryMeta) => {
      const text = textOf(payload);
      tried.push({ text, messageId: meta.messageId, at: time });
      return answer(text, meta);
    };
  const handlers: DeliveryHandlers = {
    email: handle((payload) => `${payload['to']} ${payload['body']}`),
    sms: handle((payload) => `${payload['to']} ${payload['body']}`),
    voice: handle((payload) => `${payload['to']} ${payload['body']}`),
    letter: handle((payload) => `${payload['to']} ${payload['body']}`),
    'backchannel-logout': handle((payload) => `${payload['clientId']} ${payload['sid']}`),
    'security-event': handle((payload) => `${payload['clientId']} ${payload['jti']}`),
  };
  const registry = new Registry();
  const warnings: object[] = [];
  const gaveUp: string[] = [];
  const worker = createOutboxWorker({
    db: database.db,
    keyRing,
    handlers,
    logger: { warn: (fields) => warnings.push(fields) },
    metrics: { registry },
    now: () => new Date(time),
    random: () => 0.5,
    tryMs: 2000,
    onGaveUp: async ({ reason }) => void gaveUp.push(reason),
  });
  workers.push(worker);
  return { worker, tried, registry, warnings, gaveUp };
}

/** Lets the time pass in steps, as polls do. */
async function pass(worker: OutboxWorker, minutes: number): Promise<number> {
  let sent = 0;
  for (let second = 0; second < minutes * 60; second += 5) {
    time += 5000;
    sent += await worker.drainOnce();
  }
  return sent;
}

it('sends what was committed, once, and forgets the content', async () => {
  const { worker, tried } = stage(() => {});
  await enqueue(email('ada@example.com'));
  const rolledBack = database.db.transaction(async (tx) => {
    await enqueueMessage(tx, keyRing, email('eve@example.com'), new Date(time));
    throw new Error('no');
  });
  await expect(rolledBack).rejects.toThrow('no');
  expect(await worker.drainOnce()).toBe(1);
  expect(await worker.drainOnce()).toBe(0);
  expect(tried.map(({ text }) => text)).toEqual(['ada@example.com Your code is 123456']);
  const [row] = await database.db.query({ text: 'SELECT sent_at, length(payload_sealed) AS length FROM outbox' });
  expect(row).toEqual({ sent_at: new Date(time), length: 0 });
});

it('G1: neither recipient nor content stands in the table in clear', async () => {
  await enqueue(email('ada@example.com'));
  const [row] = await database.db.query<{ all: string }>({
    text: `SELECT json_agg(o)::text || string_agg(encode(payload_sealed, 'escape'), '') AS all FROM outbox o`,
  });
  // Not `ada` alone: hexadecimal ids say that, too.
  expect(row?.all).not.toMatch(/ada@|example\.com|123456/);
});

it('refuses a message of the wrong shape before it is stored', async () => {
  await expect(enqueue(email('x'))).rejects.toThrow('wrong shape');
});

describe('F25', () => {
  it('a gateway down for an hour: the queue drains in order, expired messages are never sent', async () => {
    let down = true;
    const { worker, tried, registry, gaveUp } = stage(() =>
      down ? { outcome: 'failed', reason: 'smtp:ECONNREFUSED', blame: 'gateway' } : undefined,
    );
    for (let number = 0; number < 30; number += 1) await enqueue(email(`p${number}@example.com`, 'old'));
    await pass(worker, 55);
    // One try per rest, not thirty: the gateway is not hammered while it is down.
    expect(tried.length).toBeLessThan(80);
    for (let number = 0; number < 10; number += 1)
      for (const person of ['ada', 'bob']) await enqueue(email(`${person}@example.com`, String(number)));
    await pass(worker, 5);
    tried.length = 0;
    down = false;
    expect(await pass(worker, 3)).toBe(20);
    for (const person of ['ada', 'bob'])
      expect(tried.filter(({ text }) => text.startsWith(person)).map(({ text }) => text.split(' ')[1])).toEqual(
        Array.from({ length: 10 }, (_, number) => String(number)),
      );
    expect(tried.some(({ text }) => text.includes('old'))).toBe(false);
    expect(gaveUp).toEqual(Array.from({ length: 30 }, () => 'expired'));
    expect(await registry.metrics()).toContain('latchkey_outbox_messages_total{kind="email",outcome="expired"} 30');
  });

  it('other channels go on while one is down', async () => {
    const { worker, tried } = stage((text) =>
      text.includes('@') ? { outcome: 'failed', reason: 'down', blame: 'gateway' } : undefined,
    );
    await enqueue(email('ada@example.com'));
    await enqueue({ kind: 'sms', to: '+447700900001', body: 'code', expiresAt: new Date(time + 10 * minute) });
    expect(await worker.drainOnce()).toBe(1);
    expect(tried).toHaveLength(2);
  });

  it('accepted but lost: the next try keeps a minute of distance and has the same id (I8)', async () => {
    let tries = 0;
    const { worker, tried } = stage(() => {
      tries += 1;
      return tries === 1 ? { outcome: 'failed', reason: 'timeout', blame: 'gateway', unsure: true } : undefined;
    });
    await enqueue(email('ada@example.com'));
    await worker.drainOnce();
    await pass(worker, 2);
    expect(tried).toHaveLength(2);
    expect(tried[1]!.at - tried[0]!.at).toBeGreaterThanOrEqual(minute);
    expect(tried[1]!.messageId).toBe(tried[0]!.messageId);
  });

  it('a refused address is a dead letter at once, without its content', async () => {
    const { worker, registry, warnings, gaveUp } = stage(() => ({ outcome: 'refused', reason: 'smtp:550' }));
    await enqueue(email('nobody@example.com'));
    await worker.drainOnce();
    expect(await pass(worker, 1)).toBe(0);
    expect(gaveUp).toEqual(['smtp:550']);
    expect(JSON.stringify(warnings)).not.toContain('nobody');
    const rows = await database.db.query({ text: 'SELECT last_error, length(payload_sealed) AS length FROM outbox' });
    expect(rows).toEqual([{ last_error: 'smtp:550', length: 0 }]);
    expect(await registry.metrics()).toContain('outcome="refused"} 1');
  });
});

describe('F26', () => {
  it('a service that does not answer starves no other, and is retried ever less often for a day', async () => {
    const { worker, tried, gaveUp } = stage((text) => {
      if (text.startsWith('dead')) throw Object.assign(new Error('secret detail'), { code: 'ECONNRESET' });
    });
    for (let number = 0; number < 200; number += 1) await enqueue(logout('dead', String(number)));
    for (let number = 0; number < 20; number += 1) await enqueue(logout('alive', String(number)));
    expect(await worker.drainOnce()).toBe(20);
    const first = tried.filter(({ text }) => text.startsWith('dead')).length;
    expect(first).toBeLessThanOrEqual(32);
    for (let hour = 0; hour < 25; hour += 1) {
      time += 60 * minute;
      await worker.drainOnce();
    }
    expect(gaveUp).toHaveLength(200);
    const [row] = await database.db.query({
      text: `SELECT DISTINCT last_error FROM outbox WHERE gave_up_at IS NOT NULL`,
    });
    expect(row).toEqual({ last_error: 'expired' });
  });

  it('a recipient that fails holds up nobody else', async () => {
    const { worker, tried } = stage((text) =>
      text.startsWith('bad') ? { outcome: 'failed', reason: 'full', blame: 'recipient' } : undefined,
    );
    for (const to of ['bad@example.com', 'bad@example.com', 'ada@example.com']) await enqueue(email(to));
    expect(await worker.drainOnce()).toBe(1);
    expect(tried.filter(({ text }) => text.startsWith('bad'))).toHaveLength(1);
  });

  it('one that never answers is left after a while', async () => {
    const { worker, tried } = stage((text) => (text.startsWith('bad') ? new Promise<void>(() => {}) : undefined));
    await enqueue(email('bad@example.com'));
    await enqueue(email('ada@example.com'));
    expect(await worker.drainOnce()).toBe(1);
    expect(tried).toHaveLength(2);
    const [row] = await database.db.query({ text: 'SELECT last_error FROM outbox WHERE sent_at IS NULL' });
    expect(row).toEqual({ last_error: 'timeout' });
  });
});

describe('I8', () => {
  it('many workers at once send each message exactly once in calm', async () => {
    const stages = Array.from({ length: 4 }, () => stage(() => sleep(1)));
    for (let number = 0; number < 100; number += 1) await enqueue(email(`p${number % 30}@example.com`, String(number)));
    const sent = await Promise.all(stages.map(({ worker }) => worker.drainOnce()));
    const ids = stages.flatMap(({ tried }) => tried.map(({ messageId }) => messageId));
    expect(sent.reduce((a, b) => a + b, 0)).toBe(100);
    expect(ids).toHaveLength(100);
    expect(new Set(ids).size).toBe(100);
  });

  it('a worker that dies in the middle: another sends again with the same id, not within a minute', async () => {
    const { promise: inHand, resolve: arrived } = Promise.withResolvers<void>();
    const dying = stage(async () => {
      arrived();
      await sleep(50);
      throw new Error('the process is gone by now');
    });
    await enqueue(email('ada@example.com'));
    const lost = dying.worker.drainOnce();
    await inHand;
    const heir = stage(() => {});
    time += minute;
    expect(await heir.worker.drainOnce()).toBe(0);
    time += 2 * minute;
    expect(await heir.worker.drainOnce()).toBe(1);
    expect(heir.tried[0]?.messageId).toBe(dying.tried[0]?.messageId);
    // The one that comes back late finds the message no longer its own, and does not undo what the heir did.
    await lost;
    const [row] = await database.db.query({ text: 'SELECT sent_at IS NOT NULL AS sent, last_error FROM outbox' });
    expect(row).toEqual({ sent: true, last_error: null });
  });

  it('a worker that sleeps past its lease cannot give the message back while another has it', async () => {
    const first = Promise.withResolvers<void>();
    const second = Promise.withResolvers<void>();
    const sleeper = stage(() => first.promise);
    const heir = stage(() => second.promise);
    await enqueue(email('ada@example.com'));
    const asleep = sleeper.worker.drainOnce();
    await expect.poll(() => sleeper.tried).toHaveLength(1);
    time += 3 * minute;
    const inHand = heir.worker.drainOnce();
    await expect.poll(() => heir.tried).toHaveLength(1);
    first.reject(new Error('woken, and failed'));
    await asleep;
    time += minute;
    const third = stage(() => {});
    expect(await third.worker.drainOnce()).toBe(0);
    second.resolve();
    expect(await inHand).toBe(1);
  });

  it('what cannot be opened is kept, not sent and not lost', async () => {
    const { worker, tried } = stage(() => {});
    await enqueue(email('ada@example.com'));
    await database.db.query({
      text: `UPDATE outbox SET payload_sealed = '\\x00112233445566778899aabbccddeeff00112233'`,
    });
    await worker.drainOnce();
    expect(tried).toHaveLength(0);
    const [row] = await database.db.query({ text: 'SELECT last_error, gave_up_at FROM outbox' });
    expect(row).toEqual({ last_error: 'unreadable', gave_up_at: null });
  });
});

it('a nudge sends at once, and stop waits for the try under way', async () => {
  let finished = false;
  const { worker, tried } = stage(async () => {
    await sleep(30);
    finished = true;
  });
  worker.start();
  await sleep(20);
  await enqueue(email('ada@example.com'));
  worker.nudge();
  const from = performance.now();
  while (tried.length === 0) await sleep(2);
  expect(performance.now() - from).toBeLessThan(500);
  await worker.stop();
  expect(finished).toBe(true);
});

it('I11: a database that comes back is picked up without a restart', async () => {
  const registry = new Registry();
  const warnings: object[] = [];
  let away = true;
  let sent = 0;
  const worker = createOutboxWorker({
    db: {
      ...database.db,
      query: (statement) => (away ? Promise.reject(new Error('away')) : database.db.query(statement)),
    },
    keyRing,
    handlers: {
      email: async () => void (sent += 1),
      sms: async () => {},
      voice: async () => {},
      letter: async () => {},
      'backchannel-logout': async () => {},
      'security-event': async () => {},
    },
    logger: { warn: (fields) => warnings.push(fields) },
    metrics: { registry },
    now: () => new Date(time),
  });
  workers.push(worker);
  await enqueue(email('ada@example.com'));
  worker.start();
  while (warnings.length === 0) await sleep(5);
  away = false;
  await expect.poll(() => sent).toBe(1);
});

it('shows what waits, and sweeps what is done', async () => {
  const { worker, registry } = stage((text) =>
    text.startsWith('bad') ? { outcome: 'failed', reason: 'full', blame: 'recipient' } : undefined,
  );
  await enqueue(email('ada@example.com'));
  await enqueue(email('bad@example.com'));
  time += 5000;
  worker.start();
  while (!(await registry.metrics()).includes('latchkey_outbox_waiting{kind="email"} 1')) await sleep(5);
  expect(await registry.metrics()).toContain('latchkey_outbox_oldest_seconds{kind="email"} 5');
  expect(await sweepOutbox(database.db, new Date(time - minute))).toBe(0);
  expect(await sweepOutbox(database.db, new Date(time + 1))).toBe(1);
});
