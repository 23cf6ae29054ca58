import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoMethods } from '../demo/estate/methods/methods.ts';
import { describeSignInMethods } from './checks/describe-sign-in-methods.ts';

writeFileSync(join(import.meta.dirname, '../docs/sign-in-methods.md'), describeSignInMethods(demoMethods));
