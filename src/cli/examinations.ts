import { connect } from 'node:net';
import { verifyChains } from '../audit/index.ts';
import type { House } from '../house.ts';
import { listSigningKeys } from '../oidc/index.ts';
import { pendingMigrations } from '../platform/postgres/migrate.ts';
import { openRedis } from '../platform/redis/redis-client.ts';

export interface Finding {
  readonly ok: boolean;
  /** What was found, and when it is not well, how to mend it. */
  readonly says: string;
}

const well = (says: string): Finding => ({ ok: true, says });
const ill = (says: string): Finding => ({ ok: false, says });

/** What the doctor looks at, in the order in which one thing needs the other. */
export const examinations: readonly (readonly [name: string, look: (house: House) => Promise<Finding>])[] = [
  ['postgres', examinePostgres],
  ['migrations', examineMigrations],
  ['redis', examineRedis],
  ['signing keys', examineKeys],
  ['clock', examineClock],
  ['mail sender', examineSender],
  ['audit chains', examineAudit],
];

async function examinePostgres({ db }: House): Promise<Finding> {
  const started = performance.now();
  const [row] = await db.query<{ version: string }>({ text: `SELECT current_setting('server_version') AS version` });
  return well(`${row?.version ?? ''}, answered in ${Math.round(performance.now() - started)} ms`);
}

async function examineMigrations({ db }: House): Promise<Finding> {
  const pending = await pendingMigrations(db);
  return pending.length === 0 ? well('all applied') : ill(`${pending.join(', ')} not applied. Run: latchkey migrate`);
}

async function examineRedis({ config }: House): Promise<Finding> {
  const { url, timeoutMs } = config.redis;
  if (url === undefined) return well('none configured; Postgres keeps what may expire');
  const redis = openRedis({ url, timeoutMs }, () => undefined);
  try {
    await redis.opened;
    return redis.ready() ? well('answers') : ill('no answer. Sign-ins go on from Postgres, slower. Look at redis.url');
  } finally {
    await redis.close();
  }
}

async function examineKeys({ db }: House): Promise<Finding> {
  const keys = await listSigningKeys(db);
  const lacking = ['ES256', 'RS256'].flatMap((alg) =>
    ['active', 'next']
      .filter((state) => !keys.some((key) => key.alg === alg && key.state === state))
      .map((state) => `${alg} ${state}`),
  );
  if (lacking.length === 0) return well(`${keys.filter(({ state }) => state !== 'retired').length} published`);
  return keys.length === 0
    ? well('none yet: the first start makes them')
    : ill(`no key for ${lacking.join(', ')}. Run: latchkey keys rotate`);
}

const MAX_SKEW_MS = 2000;

async function examineClock({ db, now }: House): Promise<Finding> {
  const before = now().getTime();
  const [row] = await db.query<{ at: Date }>({ text: 'SELECT clock_timestamp() AS at' });
  const skew = Math.round((row?.at.getTime() ?? 0) - (before + now().getTime()) / 2);
  return Math.abs(skew) <= MAX_SKEW_MS
    ? well(`within ${Math.abs(skew)} ms of Postgres`)
    : ill(`${skew} ms apart from Postgres. Set both by NTP`);
}

async function examineSender({ config }: House): Promise<Finding> {
  const { sender, smtpUrl, govukNotify } = config.notify;
  if (sender === 'inbox')
    return config.environment === 'production' ? ill('the development inbox sends nothing') : well('development inbox');
  const address = sender === 'smtp' ? smtpUrl : (govukNotify?.baseUrl ?? 'https://api.notifications.service.gov.uk');
  if (address === undefined) return ill(`notify.sender is ${sender}, but it has no address`);
  const { hostname, port, protocol } = new URL(address);
  const defaultPort = { 'smtp:': 25, 'smtps:': 465, 'http:': 80 }[protocol] ?? 443;
  return (await answers(hostname, Number(port) || defaultPort))
    ? well(`${sender}, ${hostname} takes connections`)
    : ill(`${sender}: no connection to ${hostname}. Mail waits and is tried again`);
}

const CONNECT_MS = 3000;

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const end = (result: boolean) => (): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}

async function examineAudit({ db }: House): Promise<Finding> {
  const { chains, events, broken } = await verifyChains(db);
  if (broken.length === 0) return well(`${events} events in ${chains} chains, unaltered`);
  const first = broken.slice(0, 5).map(({ chainId, seq }) => `${chainId} at ${seq}`);
  return ill(`${broken.length} altered: ${first.join(', ')}. See docs/runbooks`);
}
