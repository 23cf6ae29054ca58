/** What a contender says over its channel once it listens. */
export interface Ready {
  readonly ready: true;
  readonly issuer: string;
}

/** What it answers to `{ask: 'usage'}`: since the last time it was asked. */
export interface Usage {
  readonly cpuMs: number;
  readonly waits: number;
  readonly postgresQueries: number;
  readonly rssMb: number;
}

export interface Given {
  readonly port: number;
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly publicJwk: Record<string, unknown>;
}

export const CLIENT_ID = 'bench';
export const REDIRECT = 'https://bench.example/callback';

export function readGiven(): Given {
  const given: Given = JSON.parse(process.argv[2] ?? '{}');
  return given;
}

/** Says that it listens, and answers what it used from then on. */
export function report(issuer: string, take: () => { waits: number; postgresQueries: number }): void {
  let before = process.cpuUsage();
  process.on('message', () => {
    const used = process.cpuUsage(before);
    before = process.cpuUsage();
    const usage: Usage = {
      cpuMs: (used.user + used.system) / 1000,
      rssMb: Math.round(process.memoryUsage.rss() / 1e6),
      ...take(),
    };
    process.send?.(usage);
  });
  // The benchmark ended, or died: end, too, and write the profile if one was asked for.
  process.once('disconnect', () => process.exit(0));
  const ready: Ready = { ready: true, issuer };
  process.send?.(ready);
}
