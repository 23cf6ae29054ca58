import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { createCommandCounter } from './command-counter.ts';
import { createRequestHistogram, type RequestMeasure } from './request-histogram.ts';

/** Numbers of one app, for `/metrics`. No label ever holds anything of a person. */
export interface Metrics {
  readonly registry: Registry;
  /** Everything, in Prometheus's text format. */
  text(): Promise<string>;
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
  /** Questions to old systems, by source. */
  readonly oldSystems: {
    answered(source: string, outcome: string, seconds: number): void;
    fault(source: string, reason: string): void;
  };
  /** An old password hash that cannot be verified; both labels are fixed words, never anything of the hash. */
  unverifiableHash(event: { readonly scheme: string; readonly reason: string }): void;
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

  const requests = createRequestHistogram();
  const storeCommands = createCommandCounter();
  const signIns = count('sign_ins_total', 'Sign-ins by outcome', ['outcome']);
  const passwordDepth = gauge('password_work', 'Slow hashes running and waiting', ['state']);
  const passwordRefused = count('password_work_refused_total', 'Slow hashes refused because the queue was full', []);
  const oldAnswers = new Histogram({
    name: `${NAMESPACE}_old_system_answer_seconds`,
    help: 'Answers of old systems by source and outcome, without the floor on time',
    labelNames: ['source', 'outcome'],
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3],
    registers: [registry],
  });
  const oldFaults = count('old_system_faults_total', 'Questions that an old system did not answer', [
    'source',
    'reason',
  ]);
  const cspReports = count('csp_reports_total', 'Content-Security-Policy reports', ['directive']);

  const unverifiable = count('unverifiable_hashes_total', 'Sign-ins with an old hash that cannot be verified', [
    'scheme',
    'reason',
  ]);

  return {
    registry,
    text: async () => `${await registry.metrics()}\n${requests.text()}${storeCommands.text()}`,
    request: (measure) => requests.observe(measure),
    signIn: (outcome) => signIns.inc({ outcome }),
    storeCommand: (store, command) => storeCommands.add(store, command),
    passwordWork: {
      depth({ running, waiting }) {
        passwordDepth.set({ state: 'running' }, running);
        passwordDepth.set({ state: 'waiting' }, waiting);
      },
      refused: () => passwordRefused.inc(),
    },
    oldSystems: {
      answered: (source, outcome, seconds) => oldAnswers.observe({ source, outcome }, seconds),
      fault: (source, reason) => oldFaults.inc({ source, reason }),
    },
    cspReport: (directive) => cspReports.inc({ directive }),
    unverifiableHash: ({ scheme, reason }) => unverifiable.inc({ scheme, reason }),
  };
}
