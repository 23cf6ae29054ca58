import { Counter, Gauge, type Registry } from 'prom-client';

export interface PeriodicJobsOptions {
  readonly logger: { warn: (fields: object, message: string) => void };
  readonly metrics: { readonly registry: Registry };
  readonly random?: () => number;
}

export interface PeriodicJobs {
  /** Runs `work` again and again, first after a part of the interval, never twice at once. A failure is logged. */
  every(intervalMs: number, name: string, work: (signal: AbortSignal) => Promise<unknown>): void;
  /** Waits for the work under way; `signal` tells it to hurry. */
  stop(): Promise<void>;
}

/** Work that repeats while the process lives. Every process runs it, so each job must bear being done twice. */
export function createPeriodicJobs(options: PeriodicJobsOptions): PeriodicJobs {
  const random = options.random ?? Math.random;
  const abort = new AbortController();
  const running = new Set<Promise<void>>();
  const timers = new Map<string, NodeJS.Timeout>();
  const { count, lastGoodAt } = createMetrics(options.metrics.registry);

  const runOnce = async (name: string, work: (signal: AbortSignal) => Promise<unknown>): Promise<void> => {
    try {
      await work(abort.signal);
      count.inc({ job: name, outcome: 'done' });
      lastGoodAt.set({ job: name }, Date.now() / 1000);
    } catch (error) {
      count.inc({ job: name, outcome: 'failed' });
      options.logger.warn({ job: name, err: error }, 'a job failed');
    }
  };

  return {
    every(intervalMs, name, work) {
      const schedule = (ms: number): void => {
        if (abort.signal.aborted) return;
        const begin = (): void => {
          const run = runOnce(name, work).finally(() => {
            running.delete(run);
            schedule(intervalMs * (0.9 + 0.2 * random()));
          });
          running.add(run);
        };
        timers.set(name, setTimeout(begin, ms));
      };
      // Processes that start together should not all begin together.
      schedule(intervalMs * random());
    },
    async stop() {
      abort.abort();
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all(running);
    },
  };
}

function createMetrics(registry: Registry): { readonly count: Counter; readonly lastGoodAt: Gauge } {
  const registers = [registry];
  return {
    count: new Counter({
      name: 'latchkey_jobs_total',
      help: 'Periodic jobs, by how they ended',
      labelNames: ['job', 'outcome'],
      registers,
    }),
    lastGoodAt: new Gauge({
      name: 'latchkey_job_last_done_seconds',
      help: 'When the job last ended well (epoch)',
      labelNames: ['job'],
      registers,
    }),
  };
}
