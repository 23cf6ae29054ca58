import { buildApp } from '../../src/app.ts';
import type { Config } from '../../src/platform/config/config-schema.ts';
import { createStandIn, standInDoor } from './citizens-stand-in.ts';

// A second process of the provider over the stores of a test. Says its origin, and ends when the test's end of the
// channel does.
interface Given {
  readonly config: Config;
  readonly accountId: string;
}

const given: Given = JSON.parse(process.argv[2] ?? '{}');
const app = await buildApp({
  config: given.config,
  logger: false,
  citizensDoor: standInDoor(createStandIn(given.accountId)),
});
const origin = await app.http.listen({ host: '127.0.0.1', port: 0 });
process.once('disconnect', () => {
  void app.close().finally(() => process.exit(0));
});
process.send?.({ origin });
