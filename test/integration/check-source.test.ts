import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restSettings } from '../../demo/stand-ins/http/http-settings.ts';
import { startRestStandIn, type RestStandIn } from '../../demo/stand-ins/http/rest-stand-in.ts';
import { testConfig } from '../support/config.ts';
import { rentPortal } from '../support/legacy-estate.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import { buildApp } from '../../src/app.ts';
import { runCommandLine } from '../../src/cli/command-line.ts';

const PASSWORD = 'correct horse battery staple';

let database: TestDatabase;
let folder: string;
let old: RestStandIn;
beforeAll(async () => {
  [database, old] = await Promise.all([testDatabase(), startRestStandIn()]);
  folder = await mkdtemp(join(tmpdir(), 'cli-'));
  await writeFile(join(folder, 'password'), `${PASSWORD}\n`);
  const live = rentPortal({ adapter: { ...restSettings(old.baseUrl), limits: { floorMs: 0 } } });
  const adapter = { family: 'http', method: 'M09', url: 'http://127.0.0.1:1/' };
  const dead = rentPortal({ source: 'dead-portal', adapter });
  const exported = rentPortal({ source: 'an-export' });
  for (const definition of [live, dead, exported]) {
    const path = join(folder, 'definition.json');
    await writeFile(path, JSON.stringify(definition));
    const { err } = await latchkey('sources', 'add', path);
    if (err !== '') throw new Error(err);
  }
});
afterAll(async () => {
  await old.stop();
  await database.drop();
  await rm(folder, { recursive: true });
});

const configured = () => testConfig({ postgres: { url: database.url }, oldSystems: { allow: ['127.0.0.1:*'] } });

async function latchkey(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const terminal = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    isWatched: false,
  };
  const config = configured();
  const code = await runCommandLine(args, { terminal, readConfig: () => Promise.resolve(config) });
  return { code, out, err };
}

describe('latchkey sources check', () => {
  const from = () => ['--password-from', join(folder, 'password')];

  it('reports what an old system did, case by case, and names nobody', async () => {
    const disabled = ['--disabled-person', 'disabled-dan', '--disabled-password-from', join(folder, 'password')];
    const { code, out, err } = await latchkey(
      'sources',
      'check',
      'rent-portal',
      '--person',
      'anna',
      ...from(),
      ...disabled,
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^VERDICT +CASE +EXPECTED +SEEN\n/);
    expect(out).toMatch(/^good +known person +identified, or asked for more +identified, level Cl$/m);
    expect(out).toMatch(/^good +wrong password +refused +refused: wrong-secret$/m);
    expect(out).toMatch(/^good +disabled person .* refused: disabled$/m);
    expect(out).toMatch(/^not tried here +wrong certificate /m);
    expect(out).not.toMatch(/anna|M-1001|correct horse/);
    const trail = await database.db.query({
      text: "SELECT body->>'actor' AS actor FROM audit_events WHERE chain_id = 'source:rent-portal' AND type = 'source.checked'",
    });
    expect(trail).toEqual([{ actor: expect.stringMatching(/^operator:/) }]);
  });

  it('ends with 1 when something is not as expected', async () => {
    const { code, out, err } = await latchkey('sources', 'check', 'dead-portal', '--json');
    expect(code).toBe(1);
    expect(err).toMatch(/of \d+ not as expected/);
    expect(JSON.parse(out)).toContainEqual({
      case: 'is there',
      expected: 'yes',
      seen: 'unavailable: unreachable',
      verdict: 'bad',
    });
  });

  it('says what is wrong with how it was called', async () => {
    expect(await latchkey('sources', 'check', 'an-export')).toMatchObject({ code: 2 });
    expect(
      await latchkey('sources', 'check', 'rent-portal', '--person', 'x', '--password-from', 'env:NOT_SET'),
    ).toMatchObject({
      code: 2,
      err: expect.stringContaining('NOT_SET is not set'),
    });
    expect(
      await latchkey('sources', 'check', 'rent-portal', '--person', 'x', '--password-from', '/no/file'),
    ).toMatchObject({
      code: 2,
    });
    const { code, err } = await latchkey(
      'sources',
      'check',
      'rent-portal',
      '--person',
      'x',
      ...from(),
      '--field',
      'pin',
    );
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining('--field is name=where') });
    expect((await latchkey('sources', 'check', '--help')).out).toMatch(/Ends with 1 when/);
  });
});

describe('latchkey sources health', () => {
  it('says which old systems are there, and why one is not', async () => {
    const { code, out, err } = await latchkey('sources', 'health');
    expect(code).toBe(4);
    expect(err).toContain('1 of 3 not reachable');
    expect(out).toMatch(/^rent-portal +open +http +M09 +yes/m);
    expect(out).toMatch(/^dead-portal +open +http +M09 +no +unreachable: ECONNREFUSED$/m);
    expect(out).toMatch(/^an-export +open +- +- +nothing to reach +an export$/m);
  });
});

describe('/health/sources', () => {
  it('shows what this process has seen, to those who run it', async () => {
    const app = await buildApp({ config: configured(), logger: false });
    try {
      await app.house.migration.oldSystems.probe('dead-portal');
      const seen = await app.http.inject({ url: '/health/sources', headers: { host: '127.0.0.1' } });
      expect(seen.headers['content-type']).toContain('application/json');
      expect(seen.json()).toMatchObject({
        sources: [
          {
            source: 'dead-portal',
            family: 'http',
            breaker: 'closed',
            faults: 1,
            lastFault: { reason: 'unreachable', detail: 'ECONNREFUSED' },
          },
        ],
      });
      const headers = { host: '127.0.0.1', accept: 'text/html' };
      const page = await app.http.inject({ url: '/health/sources?lng=cy', headers });
      expect(page.body).toContain('Hen systemau');
      expect(page.body).toContain('Nid oedd modd ei chyrraedd');
      const outside = await app.http.inject({ url: '/health/sources', remoteAddress: '192.0.2.1' });
      expect(outside.statusCode).toBe(404);
    } finally {
      await app.close();
    }
  });
});
