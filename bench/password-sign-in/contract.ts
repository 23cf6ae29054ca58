export interface Given {
  readonly port: number;
  readonly databaseUrl: string;
  readonly publicJwk: Record<string, unknown>;
}

/** CPU of the provider's process since the last report. */
export interface Report {
  readonly cpuMs: number;
}

export const CLIENT_ID = 'bench';
export const REDIRECT = 'https://bench.example/callback';
export const PASSWORD = 'correct horse battery staple';
export const PEOPLE = 40;
