import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeConfiguration } from '../src/platform/config/describe-configuration.ts';

writeFileSync(join(import.meta.dirname, '../docs/configuration.md'), describeConfiguration());
