import { compactVerify, importJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openVerifier } from '../../src/migration/ledger/seal-legacy-row.ts';
import { bcryptOf, rentCsv, ssha512Of } from '../support/legacy-estate.ts';
import { BRYN, done, OLWEN, type RunDesk, runDesk } from '../support/run-desk.ts';
import { kill, startWorker } from '../support/run-workers.ts';

let desk: RunDesk;
beforeAll(async () => {
  desk = await runDesk();
});
afterAll(() => desk.drop());

const PASSWORD = 'correct horse battery staple';
const SLOW = bcryptOf('x');

interface Held extends Record<string, unknown> {
  legacy_key: Buffer;
  data_key: Buffer;
  verifier_sealed: Buffer;
  scheme: string;
}

/** Every weak hash of a source that stands in the ledger as it came. */
async function bareIn(source: string): Promise<string[]> {
  const rows = await desk.db.query<Held>({
    text: 'SELECT * FROM legacy_accounts WHERE source = $1 AND verifier_sealed IS NOT NULL',
    values: [source],
  });
  return rows
    .map((row) =>
      openVerifier(desk.keyRing, row.legacy_key, { dataKey: row.data_key, verifierSealed: row.verifier_sealed }),
    )
    .filter((encoded) => encoded.includes('{SSHA512}') && !encoded.includes('argon2id'));
}

const signIn = async (source: string, login: string, password: string) =>
  (
    await desk.migration.oldAccounts.check({
      source,
      login,
      password,
      ip: `10.9.${login.length}.${login.charCodeAt(1)}`,
      journeyId: 'j',
      browserKey: 'b',
    })
  ).outcome;

describe('weak old hashes', () => {
  it(
    'E8, A7: are wrapped before they stand in the ledger: by several at once, killed, paused, at any moment',
    { timeout: 120_000 },
    async () => {
      const source = await desk.newSource('weak');
      const people = Array.from({ length: 1100 }, (_, at) => ({
        id: `P${at}`,
        hash: at % 5 === 0 ? ssha512Of(PASSWORD, `salt ${at}`) : SLOW,
      }));
      const weak = 220;
      const { runId } = await desk.approved([await desk.file(source, rentCsv(people))]);
      const staged = await desk.bring(runId, 'staged');
      expect(staged.parts[0]).toMatchObject({ wrap: { waiting: weak, done: 0 }, counts: { validate: { weak } } });
      done(await desk.runs.advance(runId, 'reconciled', OLWEN));
      let looks = 0;
      const watch = setInterval(
        () => void bareIn(source).then((bare) => void (expect(bare).toEqual([]), (looks += 1))),
        100,
      );
      const url = desk.database.url;
      const killed = startWorker(url, runId, 'waiting', 'wrap');
      const isWrapping = () =>
        desk.db.query({
          text: 'SELECT 1 FROM run_batches WHERE run_id = $1 AND wrap_until IS NOT NULL',
          values: [runId],
        });
      await expect.poll(isWrapping, { interval: 20 }).toHaveLength(1);
      await kill(killed);
      done(await desk.runs.pause(runId, BRYN));
      const idle = startWorker(url, runId, 'until-idle', 'wrap');
      expect(await idle.ended).toBe(0);
      done(await desk.runs.resume(runId, BRYN));
      const workers = [startWorker(url, runId, 'until-idle', 'wrap'), startWorker(url, runId, 'until-idle')];
      expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual([0, 0]);
      clearInterval(watch);
      expect(looks).toBeGreaterThan(3);
      const run = await desk.runs.find(runId);
      expect(run).toMatchObject({ state: 'reconciled', parts: [{ wrap: { waiting: 0, done: weak } }] });
      expect(await bareIn(source)).toEqual([]);
      const [wrapped] = await desk.db.query({
        text: `SELECT count(*)::int AS n FROM legacy_accounts WHERE source = $1 AND scheme = 'wrapped'`,
        values: [source],
      });
      expect(wrapped).toEqual({ n: weak });
      expect(await signIn(source, 'p0', PASSWORD)).toBe('match');
      expect(await signIn(source, 'p5', 'wrong')).toBe('mismatch');
      expect(await signIn(source, 'p1095', PASSWORD)).toBe('match');
    },
  );
});

describe('the balance sheet', () => {
  it('E7, I7: accounts for every row, is signed, and does not verify once a number is another', async () => {
    const source = await desk.newSource('signed');
    const bad = 'X,x,nothash,,,live\n';
    const { runId } = await desk.finished([await desk.file(source, `${rentCsv([{ id: '1' }, { id: '2' }])}${bad}`)]);
    const balance = await desk.runs.balance(runId);
    expect(balance?.sheet).toMatchObject({
      state: 'reconciled',
      plannedBy: 'operator:olwen',
      approvedBy: 'operator:bryn',
      balanced: true,
      total: { read: 3, notRun: 0, outcomes: { new: 2, rejected: 1 } },
      parts: [{ written: 2, inLedger: 2, codes: { hash_unknown: 1 } }],
    });
    const jwk = desk.runs.balanceKey();
    const key = await importJWK(jwk, 'EdDSA');
    const { payload, protectedHeader } = await compactVerify(balance!.jws, key);
    expect(protectedHeader).toMatchObject({ alg: 'EdDSA', kid: jwk['kid'] });
    expect(JSON.parse(new TextDecoder().decode(payload))).toEqual(JSON.parse(JSON.stringify(balance!.sheet)));
    expect(jwk).not.toHaveProperty('d');
    const [head, , signature] = balance!.jws.split('.');
    const altered = { ...balance!.sheet, total: { ...balance!.sheet.total, read: 4 } };
    const forged = `${head}.${Buffer.from(JSON.stringify(altered)).toString('base64url')}.${signature}`;
    await expect(compactVerify(forged, key)).rejects.toThrow('signature verification failed');
    // The same sheet, whenever it is asked for.
    expect(await desk.runs.balance(runId)).toEqual(balance);
  });

  it('E7: does not balance when a row that was written is gone, and then the run is not reconciled', async () => {
    const source = await desk.newSource('unbalanced');
    const rows = Array.from({ length: 2500 }, (_, at) => ({ id: `P${at}` }));
    const { runId } = await desk.approved([await desk.file(source, rentCsv(rows))]);
    await desk.bring(runId, 'staged');
    done(await desk.runs.advance(runId, 'reconciled', OLWEN));
    const working = desk.runs.work({ runId, untilIdle: true });
    const some = () =>
      desk.db.query({ text: 'SELECT 1 FROM legacy_accounts WHERE source = $1 LIMIT 1', values: [source] });
    await expect.poll(some, { interval: 5 }).toHaveLength(1);
    await desk.runs.pause(runId, BRYN);
    await working;
    await desk.db.query({
      text: 'DELETE FROM legacy_accounts WHERE legacy_key IN (SELECT legacy_key FROM legacy_accounts WHERE source = $1 LIMIT 1)',
      values: [source],
    });
    done(await desk.runs.resume(runId, BRYN));
    const run = await desk.workOn(runId);
    expect(run).toMatchObject({ state: 'ran', problems: [{ code: 'not_balanced' }] });
    expect((await desk.runs.balance(runId))?.sheet).toMatchObject({
      balanced: false,
      parts: [{ written: 2500, inLedger: 2499 }],
    });
    // A worker does not try it again and again, its source is free, and it can be undone.
    await desk.runs.work({ runId, untilIdle: true });
    done(await desk.runs.undo(runId, OLWEN, 'it does not balance'));
    expect((await desk.workOn(runId)).state).toBe('undone');
  });
});
