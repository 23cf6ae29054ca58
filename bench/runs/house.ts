import { openHouse, type House } from '../../src/house.ts';
import { benchConfig } from '../bench-config.ts';

/** The house on a database of the bench's own. */
export function benchHouse(url: string): House {
  const config = benchConfig({
    postgres: { url, poolSize: 4, statementTimeoutMs: 120_000 },
    passwords: { workers: 2, queue: 64 },
  });
  return openHouse({
    config,
    onError: (error) => {
      console.error(error);
    },
  });
}
