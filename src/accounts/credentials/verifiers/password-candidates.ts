import { encodeText } from './primitives/charsets.ts';
import type { Password } from './scheme.ts';
import type { SideInput } from './side.ts';

/**
 * What a typed password may have been in the old system: in each character set of the source, each different writing
 * once. Compared as typed: old systems did not normalise (linking-attacks 29).
 */
export function passwordCandidates(
  typed: string,
  { charsets = ['utf-8'], trim = false }: SideInput,
): readonly Password[] {
  const text = trim ? typed.trim() : typed;
  const candidates = new Map<string, Password>();
  for (const charset of charsets) {
    const bytes = encodeText(text, charset);
    if (!bytes) continue;
    const key = bytes.toString('latin1');
    if (!candidates.has(key)) candidates.set(key, { text, bytes, charset });
  }
  return [...candidates.values()];
}

export function cutPassword(password: Password, maxBytes: number): Password {
  const bytes = password.bytes.subarray(0, maxBytes);
  return { ...password, bytes, text: password.text.slice(0, maxBytes) };
}
