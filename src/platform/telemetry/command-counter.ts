export interface CommandCounter {
  add(store: string, command: string): void;
  /** In Prometheus's text format, ending with a line break. */
  text(): string;
}

const NAME = 'latchkey_store_commands_total';

/** Ours for the reason given in request-histogram.ts: a silent sign-in sends a dozen commands. */
export function createCommandCounter(): CommandCounter {
  const stores = new Map<string, Map<string, number>>();
  return {
    add(store, command) {
      let counts = stores.get(store);
      if (counts === undefined) {
        counts = new Map();
        stores.set(store, counts);
      }
      counts.set(command, (counts.get(command) ?? 0) + 1);
    },
    text() {
      const lines = [...stores].flatMap(([store, counts]) =>
        [...counts].map(([command, count]) => `${NAME}{store="${store}",command="${command}"} ${count}\n`),
      );
      return `# HELP ${NAME} Commands sent to a store\n# TYPE ${NAME} counter\n${lines.join('')}`;
    },
  };
}
