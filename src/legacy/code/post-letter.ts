import type { AdapterContext, LegacyRecord, Round } from '../adapter.ts';
import { moveCounter, readCounter } from '../records/count-tries.ts';
import { letterCode, printed } from './letter-code.ts';
import type { LetterSettings } from './settings.ts';

/** When the last letter of ours went out, in seconds; 0 when it did not after all. */
export const SENT = 'letter-sent';

/** Posts a letter to the address on record, unless one went out a few days ago. The same work for nobody. */
export async function postLetter(
  settings: LetterSettings,
  { records, source, secret, now }: AdapterContext,
  { delivery, language, binding }: Round,
  record: LegacyRecord | undefined,
): Promise<void> {
  const { ours, validDays } = settings;
  if (!ours) return;
  const sent = await readCounter(records, record?.accountKey, SENT);
  const issued = Math.floor(now().getTime() / 1000);
  const address = addressOf(record, ours.addressColumns);
  const isDue = issued - (sent ?? 0) >= ours.everyDays * 86_400;
  const counted = address !== undefined && isDue ? record?.accountKey : undefined;
  const isOurs = await moveCounter(records, counted, SENT, { from: sent, to: issued });
  const code = printed(letterCode(secret(ours.keySecret), source, counted ?? '', issued));
  const lifetimeSeconds = validDays * 86_400;
  const to = isOurs ? address : undefined;
  try {
    await delivery.send({ channel: 'post', style: 'code', to, code, language, lifetimeSeconds, binding });
  } catch (error) {
    // It never left: the person may ask for another at once, and an earlier letter counts as before.
    if (isOurs) await moveCounter(records, counted, SENT, { from: issued, to: sent ?? 0 });
    throw error;
  }
}

function addressOf(record: LegacyRecord | undefined, columns: readonly string[]): string | undefined {
  const lines = columns.flatMap((name) => record?.extras[name]?.trim() || []);
  return lines.length === 0 ? undefined : lines.join('\n');
}
