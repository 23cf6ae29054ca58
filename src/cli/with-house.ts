import type { House } from '../house.ts';
import type { CommandContext } from './terminal.ts';

/** Opens the house for one command and closes it whatever happens. Loaded late: `--help` needs none of it. */
export async function withHouse<T>(context: CommandContext, work: (house: House) => Promise<T>): Promise<T> {
  const config = await context.readConfig();
  const { openHouse } = await import('../house.ts');
  const house = openHouse({ config, onError: () => undefined });
  try {
    return await work(house);
  } finally {
    await house.close();
  }
}
