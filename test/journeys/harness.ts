import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { type App, buildApp } from '../../src/app.ts';
import { type JourneyDeps, journeysPlugin } from '../../src/journeys/index.ts';
import { createLogger } from '../../src/platform/telemetry/create-logger.ts';
import { throwOnPersonalData } from '../../src/platform/telemetry/line-stream.ts';
import { openBrowser } from '../support/browser.ts';
import { testConfig } from '../support/config.ts';
import { freePort } from '../support/free-port.ts';
import { rentCsv, rentPortal, type OldPerson } from '../support/legacy-estate.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';
import { startRelyingParty, type DemoRelyingParty } from './demo-relying-party.ts';
import { Readable } from 'node:stream';

export interface Mail {
  readonly subject: string;
  readonly body: string;
}

interface InboxRow extends Mail, Record<string, unknown> {
  readonly message_id: string;
}

export interface House {
  readonly app: App;
  readonly issuer: string;
  /** A service of the sector that the old rent portal knew people in, and one of another sector. */
  readonly rent: DemoRelyingParty;
  readonly fishing: DemoRelyingParty;
  /** What the log was given; reading it fails on personal data. */
  readonly log: ReturnType<typeof throwOnPersonalData>;
  /** Moves the application's clock ahead of the world's. */
  readonly clock: { aheadMs: number };
  /** A browser of its own: cookies and all. */
  visitor(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** Waits for a mail to an address that has not been read yet. */
  mail(to: string): Promise<Mail>;
  codeFrom(to: string): Promise<string>;
  /** How many mails an address has been sent. */
  mailCount(to: string): Promise<number>;
  account(email: string, password: string): Promise<string>;
  importOld(people: readonly OldPerson[]): Promise<void>;
  close(): Promise<void>;
}

const DEPARTMENT = { departmentId: 'housing', name: { en: 'Department for Housing', cy: 'Adran Dai' } };

interface DoorOptions {
  readonly sleep?: (ms: number) => Promise<void>;
  /** Stands between the pages and the protocol: for faults. */
  readonly port?: (port: JourneyDeps['port']) => JourneyDeps['port'];
  /** Old sources that the rent service takes accounts of besides, and the secrets that they name. */
  readonly sources?: readonly string[];
  readonly sourceSecrets?: Readonly<Record<string, string>>;
  /** Where files of runs lie. */
  readonly runsFolder?: string;
}

/** The whole application on free ports with two services, a browser and an old rent portal. */
export async function openHouse(given: DoorOptions = {}): Promise<House> {
  const { port: wrap = (same) => same, sources = [], sourceSecrets = {}, runsFolder, ...doorOptions } = given;
  const clock = { aheadMs: 0 };
  const database = await testDatabase({ poolSize: 2 });
  const [port, rentPort, fishingPort] = [await freePort(), await freePort(), await freePort()];
  const issuer = `http://localhost:${port}`;
  const runs = runsFolder === undefined ? {} : { folder: runsFolder };
  const config = testConfig({
    issuer,
    http: { port },
    postgres: { url: database.url, poolSize: 8 },
    sourceSecrets,
    runs,
  });
  const log = throwOnPersonalData();
  const app = await buildApp({
    config,
    logger: createLogger({ level: 'info' }, log),
    now: () => new Date(Date.now() + clock.aheadMs),
    citizensDoor: (deps) => journeysPlugin({ ...deps, ...doorOptions, port: wrap(deps.port) }),
  });
  app.startJobs();
  await app.http.listen({ host: '127.0.0.1', port });

  const secrets = new Map<string, string>();
  const service = async (
    clientId: string,
    at: number,
    metadata: Record<string, unknown>,
  ): Promise<DemoRelyingParty> => {
    const name = nameOf(metadata);
    const done = await app.house.relyingParties.submit(
      {
        clientId,
        department: DEPARTMENT,
        metadata: {
          redirectUris: [`http://localhost:${at}/callback`],
          authMethod: 'client_secret_post',
          scopes: ['openid', 'email'],
          policyUrl: `http://localhost:${at}/privacy`,
          termsUrl: `http://localhost:${at}/terms`,
          ...metadata,
        },
      },
      { actor: 'operator:test' },
    );
    if (done.outcome !== 'published') throw new Error(JSON.stringify(done));
    secrets.set(clientId, done.secret ?? '');
    return startRelyingParty({ issuer, clientId, name, port: at, secret: () => secrets.get(clientId) ?? '' });
  };
  const meta = { actor: 'operator:test' };
  await app.house.migration.sources.add(rentPortal(), meta);
  await app.house.migration.sources.add(parkingPermits(), meta);
  const rent = await service('rent-support', rentPort, {
    name: { en: 'Rent support', cy: 'Cymorth rhent' },
    sector: 'rent.example',
    sources: ['rent-portal', 'parking-permits', ...sources],
  });
  const fishing = await service('rod-fishing', fishingPort, {
    name: { en: 'Rod fishing licence', cy: 'Trwydded pysgota â gwialen' },
    sector: 'fishing.example',
  });

  let browser: Browser | undefined;
  const contexts: BrowserContext[] = [];
  const read = new Set<string>();
  const mailOf = async (to: string): Promise<InboxRow[]> =>
    database.db.query<InboxRow>({
      text: 'SELECT message_id, subject, body FROM development_inbox WHERE recipient = $1 ORDER BY message_id',
      values: [to],
    });

  const mail = async (to: string): Promise<Mail> => {
    for (let tries = 0; tries < 200; tries += 1) {
      const found = (await mailOf(to)).find((one) => !read.has(one.message_id));
      if (found) {
        read.add(found.message_id);
        return found;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('no mail came');
  };

  return {
    app,
    issuer,
    rent,
    fishing,
    log,
    clock,
    mail,
    async visitor(options) {
      browser ??= await openBrowser();
      const context = await browser.newContext({ locale: 'en-GB', ...options });
      context.setDefaultTimeout(15_000);
      contexts.push(context);
      return context;
    },
    async codeFrom(to) {
      const code = /\b\d{6}\b/.exec((await mail(to)).body)?.[0];
      if (code === undefined) throw new Error('the mail has no code');
      return code;
    },
    mailCount: async (to) => (await mailOf(to)).length,
    async account(email, password) {
      const hash = await app.house.accounts.hashPassword(password);
      const made = await app.house.db.transaction((tx) =>
        app.house.accounts.create(tx, { email, language: 'en', password: hash }, { actor: 'citizen' }),
      );
      return made.accountId;
    },
    async importOld(people) {
      await app.house.migration.importFile({
        source: 'rent-portal',
        stream: Readable.from([Buffer.from(rentCsv(people))]),
        fileName: 'export.csv',
        actor: 'operator:test',
      });
    },
    async close() {
      await Promise.all(contexts.map((context) => context.close()));
      await browser?.close();
      await Promise.all([rent.close(), fishing.close()]);
      await app.close();
      await assertNothingLeaked(database.db);
      await database.drop();
      log.assertClean();
      if (log.lines.some((line) => line.includes(PASSWORD))) throw new Error('a password is in the log');
    },
  };
}

/** Every story is also a leak test: the record and what lies at rest hold no address and no password (G1, G2). */
async function assertNothingLeaked(db: TestDatabase['db']): Promise<void> {
  const leaks = await db.query({
    text: `SELECT 'audit' FROM audit_events WHERE body::text ~ '@|horse battery'
           UNION ALL SELECT 'journeys' FROM journeys WHERE encode(state_sealed, 'escape') ~ '@example'
           UNION ALL SELECT 'outbox' FROM outbox WHERE encode(payload_sealed, 'escape') ~ '@example'`,
  });
  if (leaks.length > 0) throw new Error(`personal data in ${leaks.length} rows`);
}

function parkingPermits(): Record<string, unknown> {
  return rentPortal({
    source: 'parking-permits',
    name: { en: 'Parking permits', cy: 'Trwyddedau parcio' },
    department: 'Department for Transport',
    sectors: ['parking.example'],
  });
}

function nameOf(metadata: Record<string, unknown>): string {
  const name: unknown = metadata['name'];
  return typeof name === 'object' && name !== null && 'en' in name ? String(name.en) : '';
}

// eslint-disable-next-line node/no-process-env -- set by hand, to look at the pages
const SHOTS = process.env['LATCHKEY_SHOTS'];
const seen = new Set<string>();

/** Looks at a page as a citizen and as axe: any violation of WCAG 2.2 AA or good practice fails the story. */
export async function look(page: Page, name: string, besides: readonly string[] = []): Promise<void> {
  // GOV.UK Frontend's back link stands before the landmarks on purpose; `region` is a habit, not a rule of WCAG.
  // The default is for frames of other origins, and analyses in a second page; ours have no frames.
  const axe = new AxeBuilder({ page }).setLegacyMode(page.frames().length === 1);
  const { violations } = await axe.disableRules(['region', ...besides]).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  if (found.length > 0) throw new Error(`axe on ${name}:\n  ${found.join('\n  ')}`);
  if (SHOTS === undefined || seen.has(name)) return;
  seen.add(name);
  for (const [device, width, height] of [
    ['desktop', 1280, 800],
    ['phone', 375, 720],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: `${SHOTS}/${name}-${device}.png`, fullPage: true });
  }
  await page.setViewportSize({ width: 1280, height: 720 });
}

/** The heading of the page. */
export const heading = (page: Page): Promise<string> => page.locator('h1').first().innerText();

/** Presses the page's main button, and waits for the page after it. */
export async function press(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('button', { name }).click();
  await page.waitForLoadState('load');
}

export const PASSWORD = 'correct horse battery staple';
