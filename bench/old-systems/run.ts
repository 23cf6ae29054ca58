import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRadiusStandIn } from '../../demo/stand-ins/radius/radius-stand-in.ts';
import { startPostgres } from '../../scripts/postgres/embedded-postgres.ts';
import { createLegacy, type Delivery, type LiveSource } from '../../src/legacy/index.ts';
import { loginKeyOf } from '../../src/migration/ledger/legacy-keys.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';
import { migrate } from '../../src/platform/postgres/migrate.ts';
import { legacyEstate, type LegacyEstate, rentPortal, ssha512Of } from '../../test/support/legacy-estate.ts';
import { contenders, type Contender } from './families.ts';
import { rankTest } from './rank-test.ts';

// What the guard in front of old systems costs, whether the time of an answer tells who is known there, and what one dead
// source does to the others.
// Usage: node bench/old-systems/run.ts [attempts per family, default 3000] [floor in ms, default 300] [only this family]

const attempts = Number(process.argv[2] ?? 3000);
const floorMs = Number(process.argv[3] ?? 300);
const only = process.argv[4] ?? '';
const AT_ONCE = 32;

const print = (line: string): boolean => process.stdout.write(`${line}\n`);
const at = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
const ms = (value: number): string => `${value.toFixed(2)} ms`;

let clock = new Date('2026-11-22T12:00:00Z');

/** Records and codes of nobody. */
const NOBODY = {
  records: () => ({
    find: async () => undefined,
    checkPassword: async () => false,
    counter: async () => undefined,
    advance: async () => true,
  }),
  replays: () => ({ once: async () => true }),
  metrics: { answered: () => {}, fault: () => {} },
  now: () => new Date(),
  onFault: () => {},
};
const delivery: Delivery = { send: async () => ({ challenge: '' }), check: async () => 'wrong' };
const ROUND = { state: '', binding: ['bench'], language: 'en', delivery } as const;

const folder = await mkdtemp(join(tmpdir(), 'latchkey-old-systems-'));
const postgres = await startPostgres({ dataDir: join(folder, 'pg'), durable: true });
await migrate(postgres.url);
const db = openDatabase(
  { url: postgres.url, poolSize: 20, statementTimeoutMs: 60_000, connectTimeoutMs: 5000 },
  () => {},
);

try {
  await guardCost();
  const families = await contenders(floorMs);
  for (const contender of families) if (contender.name.startsWith(only)) await tellApart(contender);
  for (const { stop } of families) await stop?.();
  await oneDead();
} finally {
  await db.close();
  await postgres.stop();
  await rm(folder, { recursive: true });
}

/** The same answer with and without the guard, without its floor. */
async function guardCost(): Promise<void> {
  const settings = {
    family: 'otp',
    method: 'M37',
    seedColumn: 'seed',
    seedAs: 'hex',
    exportedOn: '2026-01-31',
  } as const;
  const legacy = createLegacy({ ...NOBODY, allow: [], secrets: {} });
  const source = { source: 'bench', version: 1, identifierLabel: { en: 'User name' } };
  const guarded = await legacy.adapterOf({
    ...source,
    settings: { ...settings, limits: { floorMs: 0, perMinute: 1_000_000 } },
  });
  if (guarded.kind !== 'password') throw new Error('not a password adapter');
  const round = { ...ROUND, fields: { login: 'nobody', code: '123456' } };
  const time = async (work: () => Promise<unknown>): Promise<number> => {
    const began = process.cpuUsage();
    for (let done = 0; done < 20_000; done += 1) await work();
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 20_000;
  };
  const asked = await time(() => guarded.answer(round, async () => undefined));
  const declined = await time(() => guarded.decline(async () => undefined));
  print(
    `guard: ${asked.toFixed(1)} µs CPU a question with an adapter that asks nobody, ${declined.toFixed(1)} µs declined`,
  );
  await legacy.close();
}

/** Unknown people, people who have not moved and people who have, all with a wrong secret. */
async function tellApart(contender: Contender): Promise<void> {
  const { estate, source } = await openEstate(contender);
  const times = { unknown: [] as number[], waiting: [] as number[], moved: [] as number[] };
  const kinds = ['unknown', 'waiting', 'moved'] as const;
  const LOGIN = { unknown: 'nobody', waiting: 'anna', moved: 'moved' } as const;
  let next = 0;
  const work = async (): Promise<void> => {
    for (; next < attempts;) {
      const index = next;
      next += 1;
      // Another day each time: limits on attempts are not what is measured.
      clock = new Date(clock.getTime() + 86_400_000);
      estate.clock.now = clock;
      // In no order: those at once begin one after the other, and a fixed order would show as a difference.
      const kind = kinds[randomInt(3)] ?? 'unknown';
      const login = kind === 'unknown' ? `nobody${index}` : LOGIN[kind];
      const began = performance.now();
      await attempt(estate, source, { login, index, contender });
      times[kind].push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const medians = kinds.map((kind) => `${kind} ${ms(at(times[kind], 0.5))}`).join(', ');
  const p = [
    rankTest(times.unknown, times.waiting),
    rankTest(times.unknown, times.moved),
    rankTest(times.waiting, times.moved),
  ];
  const spread =
    Math.max(...kinds.map((kind) => at(times[kind], 0.5))) - Math.min(...kinds.map((kind) => at(times[kind], 0.5)));
  print(
    `${contender.name}: medians ${medians}; apart ${ms(spread)}; p ${p.map((value) => value.toFixed(3)).join(', ')}`,
  );
  await estate.migration.oldSystems.close();
}

async function openEstate(contender: Contender): Promise<{ estate: LegacyEstate; source: string }> {
  const estate = legacyEstate(db, { sourceSecrets: contender.secrets });
  const source = `bench-${contender.name.replaceAll(/[^a-z0-9]+/g, '-').replace(/-$/, '')}`;
  const names = Object.keys(contender.extras);
  const definition = rentPortal({
    source,
    subjects: 'none',
    sectors: [],
    file: {
      format: 'csv',
      columns: { id: 'id', login: 'login', hash: 'hash', email: 'email' },
      ...(names.length > 0 && { extras: Object.fromEntries(names.map((name) => [name, name])) }),
    },
    ...(contender.adapter && { adapter: contender.adapter }),
    policy: {
      version: 1,
      proofs: contender.adapter ? ['old-sign-in', 'contact-code'] : ['old-password'],
      assurance: 'Cl.Cm',
    },
  });
  const added = await estate.migration.sources.add(definition, { actor: 'operator:bench' });
  if (added.outcome === 'invalid') throw new Error(JSON.stringify(added));
  const line = (login: string): string =>
    [login, login, ssha512Of('right'), `${login}@example.test`, ...Object.values(contender.extras)].join(',');
  await estate.importText(
    [['id', 'login', 'hash', 'email', ...names].join(','), line('anna'), line('moved'), ''].join('\n'),
    {
      source,
    },
  );
  await db.query({
    text: `UPDATE legacy_accounts SET state = 'adopted', account_id = gen_random_uuid(), verifier_sealed = NULL, links_made = 1
           WHERE legacy_key = (SELECT legacy_key FROM legacy_login_names WHERE login_key = $1)`,
    values: [loginKeyOf(estate.keyRing, source, 'moved')],
  });
  return { estate, source };
}

async function attempt(
  { migration }: LegacyEstate,
  source: string,
  { login, index, contender }: { readonly login: string; readonly index: number; readonly contender: Contender },
): Promise<void> {
  const { answer: expected = 'mismatch' } = contender;
  const [way] = await migration.proving.ways(source);
  if (way === undefined) throw new Error('no way');
  const here = {
    source,
    way,
    place: { journeyId: `bench-${index}`, browserKey: 'b' },
    ip: `10.${index % 251}.${Math.floor(index / 251) % 251}.7`,
    language: 'en',
    tag: 'bench',
    deliver: async () => {},
  } as const;
  const started = await migration.proving.start(here);
  if (started.outcome !== 'asks') throw new Error(started.outcome);
  const answer = await migration.proving.answer({
    ...here,
    state: started.state,
    fields: { login, ...contender.wrong },
  });
  if (answer.outcome !== expected) throw new Error(JSON.stringify(answer));
}

/** 44 sources, one of them silent for ever: what the others' answers take beside it, and without it, in turns. */
async function oneDead(): Promise<void> {
  const radius = await startRadiusStandIn({});
  const silent = createSocket('udp4');
  await new Promise<void>((bound) => silent.bind(0, '127.0.0.1', bound));
  const legacy = createLegacy({
    ...NOBODY,
    allow: ['127.0.0.1:*'],
    secrets: { radius: radius.sharedSecret },
  });
  const sourceAt = (index: number, port: number): LiveSource => ({
    source: `source-${index}`,
    version: 1,
    identifierLabel: { en: 'User name' },
    settings: {
      family: 'radius',
      method: 'M16',
      servers: [{ host: '127.0.0.1', port }],
      sharedSecret: 'radius',
      protocol: 'pap',
      nasIdentifier: 'bench',
      limits: { floorMs: 0, perMinute: 1_000_000 },
    },
  });
  const ask = async (source: LiveSource): Promise<string> => {
    const adapter = await legacy.adapterOf(source);
    if (adapter.kind !== 'password') throw new Error('not a password adapter');
    const fields = { login: 'anna', password: 'not this one at all' };
    return (await adapter.answer({ ...ROUND, fields }, async () => undefined)).outcome;
  };
  const dead = sourceAt(0, silent.address().port);
  const good = Array.from({ length: 43 }, (_, index) => sourceAt(index + 1, radius.port));
  for (const source of good) await ask(source);
  const times = { without: [] as number[], beside: [] as number[] };
  for (let turn = 0; turn < 8; turn += 1) {
    const beside = turn % 2 === 1;
    const stop = new AbortController();
    const askers = beside ? Array.from({ length: 10 }, () => keepAsking(() => ask(dead), stop.signal)) : [];
    for (let round = 0; round < 25; round += 1)
      for (const source of good) {
        const began = performance.now();
        await ask(source);
        times[beside ? 'beside' : 'without'].push(performance.now() - began);
      }
    stop.abort();
    await Promise.all(askers);
  }
  const [without, beside] = [at(times.without, 0.99), at(times.beside, 0.99)];
  const health = legacy.health().find(({ source }) => source === 'source-0');
  print(
    `one dead of 44: p99 of the others ${ms(without)} without it, ${ms(beside)} beside it, ratio ${(beside / without).toFixed(2)}`,
  );
  print(`the dead one: ${health?.breaker}, ${health?.faults} faults, last ${health?.lastFault?.reason}`);
  await legacy.close();
  await radius.stop();
  silent.close();
}

async function keepAsking(ask: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await ask();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
