import { testConfig } from '../test/support/config.ts';

/** As in tests, but hashes of passwords cost what they cost in production. */
export const benchConfig: typeof testConfig = (overrides) =>
  testConfig({ ...overrides, passwords: { memoryKiB: 19_456, ...overrides?.passwords } });
