import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '../scripts/postgres/embedded-postgres.ts';
import { type Accounts, createAccounts } from '../src/accounts/index.ts';
import { createKeyRing } from '../src/platform/crypto/key-ring.ts';
import { createPasswordWork } from '../src/platform/crypto/password-work.ts';
import { type Database, openDatabase } from '../src/platform/postgres/database.ts';
import { migrate } from '../src/platform/postgres/migrate.ts';
import { benchConfig } from './bench-config.ts';
import { copyAccounts, sizes } from './merge/copy-accounts.ts';

// How long a merge and an un-merge take, commit and all, among few accounts and among many. Both databases are on one
// Postgres, started here with durable settings, and are measured in turns. Usage:
//   node bench/merge.ts [accounts, 200000 unless told] [merges of each, 400 unless told]
// The ratio of many to few must be flat: a merge reads and writes by key only.

const many = Number(process.argv[2] ?? 200_000);
const merges = Number(process.argv[3] ?? 400);
const FEW = 10_000;
const TURN = 50;
const TARGET = 1.5;

const print = (line: string): boolean => process.stdout.write(`${line}\n`);
const count = (value: number): string => Math.round(value).toLocaleString('en-GB');
const at = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;

const config = benchConfig();
const keyRing = createKeyRing(config.secrets);
const place = { journeyId: 'bench', browserKey: 'bench' };
const meta = { actor: 'citizen' };

interface Town {
  readonly size: number;
  readonly db: Database;
  readonly accounts: Accounts;
  readonly pairs: readonly (readonly [string, string])[];
  readonly merged: { readonly survivor: string; readonly mergeId: string }[];
  readonly times: { readonly merge: number[]; readonly unmerge: number[] };
}

async function settle(serverUrl: string, size: number): Promise<Town> {
  const name = `town_${size}`;
  const url = new URL(serverUrl);
  const options = { poolSize: 4, statementTimeoutMs: 600_000, connectTimeoutMs: 5_000 };
  const admin = openDatabase({ ...options, url: serverUrl }, () => {});
  await admin.query({ text: `CREATE DATABASE ${name}` });
  await admin.close();
  url.pathname = `/${name}`;
  await migrate(url.href);
  const db = openDatabase({ ...options, url: url.href }, () => {});
  const started = performance.now();
  const ids = await copyAccounts(db, keyRing, size, merges * 2);
  const { total, links } = await sizes(db);
  print(
    `${count(size)} accounts, ${count(size * 2)} links made in ${count((performance.now() - started) / 1000)} s: ` +
      `${count((total - links) / size)} bytes an account without its links, ${count(links / size / 2)} a link with its old account`,
  );
  // Partners are half a town apart: nothing of the one is warm because of the other.
  const pairs = ids.slice(0, merges).map((id, n) => [id, ids[n + merges] ?? ''] as const);
  const accounts = createAccounts({ db, keyRing, passwordWork: createPasswordWork(config.passwords), config });
  return { size, db, accounts, pairs, merged: [], times: { merge: [], unmerge: [] } };
}

async function mergeTurn({ db, accounts, pairs, merged, times }: Town, from: number): Promise<void> {
  const { merging } = accounts;
  for (const [survivor, absorbed] of pairs.slice(from, from + TURN)) {
    const prove = async (accountId: string) => {
      const proof = await db.transaction((tx) =>
        merging.prove(tx, { accountId, method: 'password', level: 'Cl', ...place }),
      );
      if (proof === undefined) throw new Error('not provable');
      return proof;
    };
    const proofs = { survivor: await prove(survivor), absorbed: await prove(absorbed) };
    const started = performance.now();
    const result = await db.transaction((tx) =>
      merging.merge(tx, { survivor, absorbed, proofs, ...place, policyVersion: 1, meta }),
    );
    times.merge.push(performance.now() - started);
    if (result.outcome !== 'merged') throw new Error(JSON.stringify(result));
    merged.push({ survivor, mergeId: result.mergeId });
  }
}

async function unmergeTurn({ db, accounts, merged, times }: Town, from: number): Promise<void> {
  for (const request of merged.slice(from, from + TURN)) {
    const started = performance.now();
    const result = await db.transaction((tx) => accounts.merging.unmerge(tx, request, meta));
    times.unmerge.push(performance.now() - started);
    if (result.outcome !== 'unmerged') throw new Error(JSON.stringify(result));
  }
}

const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
await chmod(folder, 0o755);
const postgres = await startPostgres({ dataDir: join(folder, 'pg'), durable: true });
try {
  const towns = [await settle(postgres.url, FEW), await settle(postgres.url, many)];
  const turns = Array.from({ length: Math.ceil(merges / TURN) }, (_, n) => n * TURN);
  for (const from of turns) for (const town of towns) await mergeTurn(town, from);
  for (const from of turns) for (const town of towns) await unmergeTurn(town, from);
  const ratios: number[] = [];
  for (const what of ['merge', 'unmerge'] as const) {
    for (const { size, times } of towns)
      print(
        `${what.padEnd(8)} among ${count(size).padStart(9)}: p50 ${at(times[what], 0.5).toFixed(1)} ms, p99 ${at(times[what], 0.99).toFixed(1)} ms`,
      );
    const [few, lots] = towns.map(({ times }) => [at(times[what], 0.5), at(times[what], 0.99)] as const);
    if (!few || !lots) throw new Error('two towns were measured');
    ratios.push(lots[0] / few[0]);
    print(`${what.padEnd(8)} many / few: p50 ${(lots[0] / few[0]).toFixed(2)}, p99 ${(lots[1] / few[1]).toFixed(2)}`);
  }
  for (const { db } of towns) await db.close();
  process.exitCode = Math.max(...ratios) <= TARGET ? 0 : 1;
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
