import type { Attribute, LegacyRefusal } from '../answer.ts';
import type { Entry } from './messages.ts';
import { readAccountKey } from './read-account-key.ts';
import type { LdapSettings } from './settings.ts';

/** Values of one attribute that are kept, and how long one may be: hints, not files. */
const MOST_VALUES = 5;
const LONGEST = 500;

const UAC_DISABLED = 0x2;
/** Trusts, workstations and servers have passwords too; no person is behind them. */
const UAC_MACHINE = 0x800 | 0x1000 | 0x2000;

export const keyOf = ({ key, method }: LdapSettings): NonNullable<LdapSettings['key']> =>
  key ?? (method === 'M14' ? { attribute: 'objectGUID', format: 'guid' } : { attribute: 'entryUUID', format: 'uuid' });

/** Everything that is asked for: nothing else of an entry is read. */
export function wantedAttributes(settings: LdapSettings): readonly string[] {
  const mapped = (settings.attributes ?? []).map(({ attribute }) => attribute);
  const states = (settings.refuseWhen ?? []).map(({ attribute }) => attribute);
  const windows = settings.method === 'M14' ? ['userAccountControl'] : [];
  return [...new Set([keyOf(settings).attribute, ...mapped, ...states, ...windows])];
}

export const keyOfEntry = (entry: Entry, settings: LdapSettings): string | undefined => {
  const { attribute, format } = keyOf(settings);
  return readAccountKey(entry.values.get(attribute.toLowerCase()), format);
};

/** Why this person may not sign in, whatever the password. */
export function stateOf({ values }: Entry, settings: LdapSettings): LegacyRefusal | undefined {
  for (const { attribute, value, as } of settings.refuseWhen ?? []) {
    const held = values.get(attribute.toLowerCase()) ?? [];
    const wanted = value?.toLowerCase();
    if (held.some((bytes) => wanted === undefined || bytes.toString().toLowerCase() === wanted)) return as;
  }
  if (settings.method !== 'M14') return undefined;
  const control = Number(values.get('useraccountcontrol')?.[0] ?? 0);
  if ((control & UAC_MACHINE) !== 0) return 'not-allowed';
  return (control & UAC_DISABLED) === 0 ? undefined : 'disabled';
}

export function attributesOf({ values }: Entry, settings: LdapSettings, from: string, now: Date): readonly Attribute[] {
  const asOf = now.toISOString();
  return (settings.attributes ?? []).flatMap(({ name, attribute, verified }) =>
    (values.get(attribute.toLowerCase()) ?? [])
      .slice(0, MOST_VALUES)
      .map((bytes) => bytes.toString().trim().normalize('NFC'))
      .filter((value) => value !== '' && value.length <= LONGEST && !value.includes('\uFFFD'))
      .map((value) => ({ name, value, from, asOf, ...(verified === true && { verified }) })),
  );
}
