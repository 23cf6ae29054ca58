import type { Channel, LegacyRecord } from '../adapter.ts';
import { readDate } from '../records/read-date.ts';
import { mayBeAsked, readPhone } from './phone-number.ts';
import type { DeliveredSettings } from './settings.ts';

export interface AddressOnRecord {
  readonly channel: Exclude<Channel, 'post'>;
  /** Undefined: there is none that may be used. */
  readonly to: string | undefined;
  /** When it was last known to be right. */
  readonly verifiedOn: string | undefined;
}

const CHANNELS = { M31: 'email', M32: 'email', M33: 'text', M34: 'voice' } as const;

/** Where a code would go: an address that is not too old to be somebody else's (linking-attacks 15). */
export function addressOnRecord(
  settings: DeliveredSettings,
  record: LegacyRecord | undefined,
  now: Date,
): AddressOnRecord {
  const channel = CHANNELS[settings.method];
  const verifiedOn = readDate((settings.verifiedColumn && record?.extras[settings.verifiedColumn]) ?? '');
  const own = channel === 'email' ? record?.email : record?.phone;
  const held = settings.addressColumn ? record?.extras[settings.addressColumn] : own;
  const isUsable = held !== undefined && !isStale(settings, verifiedOn, now);
  return { channel, verifiedOn, to: isUsable ? usable(settings, channel, held) : undefined };
}

function usable(settings: DeliveredSettings, channel: AddressOnRecord['channel'], held: string): string | undefined {
  if (channel === 'email') return /^[^\s@,;<>]{1,64}@[^\s@,;<>]{3,190}$/u.test(held.trim()) ? held.trim() : undefined;
  const number = readPhone(held);
  const countries = ('countries' in settings && settings.countries) || ['44'];
  return number !== undefined && mayBeAsked(number, { countries, channel }) ? number : undefined;
}

/** Where age matters, an address that was never verified is too old. */
function isStale({ staleAfterDays }: DeliveredSettings, verifiedOn: string | undefined, now: Date): boolean {
  if (staleAfterDays === undefined) return false;
  return verifiedOn === undefined || now.getTime() - Date.parse(verifiedOn) > staleAfterDays * 86_400_000;
}
