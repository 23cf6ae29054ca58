import type { Warning } from '../answer.ts';
import { type Packet, TYPE, valuesOf } from './packet.ts';
import type { RadiusSettings } from './settings.ts';

export interface AnswerKey {
  readonly accountKey: string;
  readonly warnings: readonly Warning[];
}

/** Who was let in, by the server's own id where it has one. Undefined: it should have, and does not say. */
export function readAnswerKey(answer: Packet, settings: RadiusSettings, name: string): AnswerKey | undefined {
  const { key = 'user-name' } = settings;
  if (key === 'user-name') return { accountKey: name, warnings: ['identifier-may-be-reassigned'] };
  const [value, ...more] = valuesOf(answer, key === 'class' ? TYPE.class : TYPE.chargeableUserIdentity);
  if (value === undefined || more.length > 0 || value.every((byte) => byte === 0)) return undefined;
  return { accountKey: write(value), warnings: [] };
}

/** Both are bytes; where they are plain text, an export has them as that. */
function write(value: Buffer): string {
  const text = value.toString('latin1');
  return /^[\x21-\x7e]+$/.test(text) && !text.startsWith('hex:') ? text : `hex:${value.toString('hex')}`;
}
