import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What one request was, for the counters. `route` is the pattern of the route, never the address. */
export interface RequestMeasure {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/** Numbers of one app, for `/metrics`. No label ever holds anything of a person. */
export interface Metrics {
  readonly registry: Registry;
  request(measure: RequestMeasure): void;
  /** `outcome` is a fixed word: `password`, `silent`, `wrong-password`, `too-many`… */
  signIn(outcome: string): void;
  /** Every command sent to a store, for the counts that benchmarks assert. */
  storeCommand(store: 'postgres' | 'redis', command: string): void;
  readonly passwordWork: {
    depth(stats: { running: number; waiting: number }): void;
    refused(): void;
  };
  cspReport(directive: string): void;
}

const NAMESPACE = 'latchkey';

/** `ofProcess` adds memory, CPU and event-loop figures; give it in a process that has one app, not in tests. */
export function createMetrics(options: { readonly ofProcess?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (options.ofProcess === true) collectDefaultMetrics({ register: registry });

  const count = <L extends string>(name: string, help: string, labelNames: L[]): Counter<L> =>
    new Counter({ name: `${NAMESPACE}_${name}`, help, labelNames, registers: [registry] });
  const gauge = <L extends string>(name: string, help: string, labelNames: L[]): Gauge<L> =>
    new Gauge({ name: `${NAMESPACE}_${name}`, help, labelNames, registers: [registry] });

  const requests = createRequestMetrics(registry);
  const signIns = count('sign_ins_total', 'Sign-ins by outcome', ['outcome']);
  const storeCommands = count('store_commands_total', 'Commands sent to a store', ['store', 'command']);
  const passwordDepth = gauge('password_work', 'Slow hashes running and waiting', ['state']);
  const passwordRefused = count('password_work_refused_total', 'Slow hashes refused because the queue was full', []);
  const cspReports = count('csp_reports_total', 'Content-Security-Policy reports', ['directive']);

  return {
    registry,
    request: requests,
    signIn: (outcome) => signIns.inc({ outcome }),
    storeCommand: (store, command) => storeCommands.inc({ store, command }),
    passwordWork: {
      depth({ running, waiting }) {
        passwordDepth.set({ state: 'running' }, running);
        passwordDepth.set({ state: 'waiting' }, waiting);
      },
      refused: () => passwordRefused.inc(),
    },
    cspReport: (directive) => cspReports.inc({ directive }),
  };
}

/** One histogram is enough: its `_count` is the number of requests. */
function createRequestMetrics(registry: Registry): (measure: RequestMeasure) => void {
  const durations = new Histogram({
    name: `${NAMESPACE}_http_request_duration_seconds`,
    help: 'Time from the first byte of a request to the last of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  return ({ method, route, status, seconds }) => durations.observe({ method, route, status }, seconds);
}
