import type { AdapterContext, LegacyRecord } from '../adapter.ts';
import type { Answered } from '../answer.ts';
import { identify } from '../records/identify.ts';
import type { OtpSettings } from './settings.ts';

/** The second factor of two beside the password; by itself one of ordinary quality. */
export const holdsToken = (
  settings: OtpSettings,
  context: AdapterContext,
  record: LegacyRecord,
  proved: 'one-time-code' | 'counter-code',
): Answered =>
  settings.alongside === 'password'
    ? identify(context, settings, record, { evidence: 'sign-in', proved: ['password', proved], level: 'Cl.Cm' })
    : identify(context, settings, record, { evidence: 'sign-in', proved: [proved], level: 'Cl' });
