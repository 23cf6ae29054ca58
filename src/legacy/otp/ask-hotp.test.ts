import { createHmac } from 'node:crypto';
import { HOTP, Secret } from 'otpauth';
import { expect, it } from 'vitest';
import { createRecords } from '../../../test/support/legacy-records.ts';
import type { AdapterContext, Round } from '../adapter.ts';
import { createEgress } from '../egress/egress.ts';
import { askHotp } from './ask-hotp.ts';

const KEY = Buffer.alloc(32, 7);
const context: AdapterContext = {
  source: 'tokens',
  identifierLabel: { en: 'User name' },
  egress: createEgress({ allow: [] }),
  secret: () => '',
  records: createRecords([]),
  replays: { once: async () => true },
  now: () => new Date('2026-02-10T12:00:00Z'),
  randomBytes: () => KEY,
};
const round = (fields: Round['fields'], state = ''): Round => ({
  fields,
  state,
  binding: [],
  language: 'en',
  signal: new AbortController().signal,
  delivery: { send: async () => ({ challenge: '' }), check: async () => 'expired' },
});

it('A11: a guess meets a code far ahead of nobody’s token as of a real one, and leads nowhere', async () => {
  const settings = {
    family: 'otp',
    method: 'M38',
    seedColumn: 'seed',
    seedAs: 'hex',
    exportedOn: '2026-01-31',
  } as const;
  const token = askHotp(settings, context);
  const secret = Secret.fromHex(createHmac('sha1', KEY).update('nobody').digest('hex'));
  const first = await token.first(round({ login: 'Nobody', code: HOTP.generate({ secret, counter: 60 }) }));
  expect(first).toMatchObject({ outcome: 'asks', prompt: { notice: 'next-code' } });
  const second = round({ code: HOTP.generate({ secret, counter: 61 }) }, 'state' in first ? first.state : '');
  expect(await token.next?.(second)).toEqual({ outcome: 'refused', reason: 'unknown-person' });
});
