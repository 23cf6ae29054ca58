import { createPrivateKey, type KeyObject } from 'node:crypto';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { AdapterContext } from '../adapter.ts';

/** Private keys of ours that partners encrypt to. @throws LatchkeyError `config_invalid` */
export function readOwnKeys(
  names: readonly string[] = [],
  { secret, source }: Pick<AdapterContext, 'secret' | 'source'>,
): readonly KeyObject[] {
  return names.map((name) => {
    const pem = secret(name);
    try {
      return createPrivateKey(pem);
    } catch {
      throw new LatchkeyError('config_invalid', `The source ${source} has a secret that is no private key: ${name}.`);
    }
  });
}
