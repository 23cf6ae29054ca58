export interface Ending {
  readonly signal: AbortSignal;
  /** Signals do again what they do by themselves. */
  dispose(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Aborts at the first Ctrl-C or SIGTERM, or when the process that started this one is gone; a second one kills. */
export function endOnSignal(): Ending {
  const controller = new AbortController();
  const dispose = (): void => {
    for (const signal of SIGNALS) process.off(signal, end);
    process.off('disconnect', end);
  };
  const end = (): void => {
    dispose();
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, end);
  process.on('disconnect', end);
  return { signal: controller.signal, dispose };
}
