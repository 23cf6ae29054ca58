import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { type App, buildApp } from '../../src/app.ts';
import type { RunState } from '../../src/migration/index.ts';
import { createLogger } from '../../src/platform/telemetry/create-logger.ts';
import { throwOnPersonalData } from '../../src/platform/telemetry/line-stream.ts';
import { testConfig } from './config.ts';
import { type OldPerson, rentCsv, rentPortal } from './legacy-estate.ts';
import { formTokenOf, type TestOperator, testOperator } from './operators.ts';
import { testDatabase } from './postgres.ts';

type Person = 'olwen' | 'bryn' | 'viewer' | 'support' | 'administrator';

/** The application with two operators who drive and approve, others who may not, and a folder for files. */
export interface Cockpit {
  readonly app: App;
  readonly folder: string;
  readonly people: Readonly<Record<Person, TestOperator>>;
  get(who: Person, url: string, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
  /** Opens a page, and sends a form with the token that it carries. */
  post(who: Person, url: string, fields?: Record<string, string>, from?: string): Promise<LightMyRequestResponse>;
  api(
    who: Person,
    method: 'GET' | 'POST' | 'PUT',
    url: string,
    body?: InjectOptions['payload'],
  ): Promise<LightMyRequestResponse>;
  newSource(key: string, changes?: Record<string, unknown>): Promise<string>;
  /** Puts an export of the source into the folder. */
  file(source: string, people: readonly OldPerson[], further?: string): Promise<string>;
  /** Olwen plans by the pages, and has it rehearsed. */
  rehearsed(source: string, people: readonly OldPerson[], further?: string): Promise<string>;
  finished(source: string, people: readonly OldPerson[], further?: string): Promise<string>;
  work(runId: string): Promise<RunState | undefined>;
  close(): Promise<void>;
}

const FORM = 'application/x-www-form-urlencoded';

export async function cockpit(): Promise<Cockpit> {
  const database = await testDatabase({ poolSize: 2 });
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-cockpit-'));
  const log = throwOnPersonalData();
  const config = testConfig({ postgres: { url: database.url, poolSize: 8 }, runs: { folder } });
  const app = await buildApp({ config, logger: createLogger({ level: 'info' }, log) });
  const host = new URL(config.issuer).host;
  const { runs, sources } = app.house.migration;
  const people = {
    olwen: await testOperator(app.house, { roles: ['migrator'], handle: 'olwen' }),
    bryn: await testOperator(app.house, { roles: ['migrator', 'approver'], handle: 'bryn' }),
    viewer: await testOperator(app.house, { roles: ['viewer'], handle: 'viewer' }),
    support: await testOperator(app.house, { roles: ['support'], handle: 'support' }),
    administrator: await testOperator(app.house, { roles: ['administrator'], handle: 'administrator' }),
  };
  const self: Cockpit = {
    app,
    folder,
    people,
    get: (who, url, headers = {}) =>
      app.http.inject({ url, headers: { accept: 'text/html', host, cookie: people[who].cookie, ...headers } }),
    async post(who, url, fields = {}, from = '/operators/systems') {
      const page = await self.get(who, from);
      const payload = new URLSearchParams({ formToken: formTokenOf(page.body), ...fields }).toString();
      const headers = { accept: 'text/html', host, cookie: people[who].cookie, 'content-type': FORM };
      return app.http.inject({ method: 'POST', url, headers, payload });
    },
    api: (who, method, url, payload) =>
      app.http.inject({
        method,
        url: `/operators/api${url}`,
        headers: { host, authorization: people[who].authorization },
        ...(payload !== undefined && { payload }),
      }),
    async newSource(key, changes = {}) {
      const added = await sources.add(rentPortal({ source: key, sectors: [`${key}.example`], ...changes }), {
        actor: 'operator:test',
      });
      if (added.outcome === 'invalid') throw new Error(JSON.stringify(added.problems));
      return key;
    },
    async file(source, rows, further = '') {
      const name = `${source}.csv`;
      await writeFile(join(folder, name), rentCsv(rows) + further);
      return name;
    },
    async rehearsed(source, rows, further) {
      const name = await self.file(source, rows, further);
      const fields = { title: `Run of ${source}`, files: `${source} ${name}`, cohort: '100', confirmed: 'yes' };
      const planned = await self.post('olwen', '/operators/runs/new', fields);
      const [, runId = ''] = /runs\/([0-9a-f-]{36})$/.exec(planned.headers.location ?? '') ?? [];
      if (runId === '') throw new Error(planned.body);
      await self.post('olwen', `/operators/runs/${runId}/rehearse`);
      await self.work(runId);
      return runId;
    },
    async finished(source, rows, further) {
      const runId = await self.rehearsed(source, rows, further);
      await self.post('bryn', `/operators/runs/${runId}/approve`);
      await self.post('olwen', `/operators/runs/${runId}/start`);
      await self.work(runId);
      return runId;
    },
    async work(runId) {
      await runs.work({ runId, untilIdle: true });
      return (await runs.find(runId))?.state;
    },
    async close() {
      await app.close();
      await database.drop();
      await rm(folder, { recursive: true });
      log.assertClean();
    },
  };
  return self;
}
