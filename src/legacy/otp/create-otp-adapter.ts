import type { AdapterContext, PasswordAdapter } from '../adapter.ts';
import { createRecordAdapter } from '../records/create-record-adapter.ts';
import { askHotp } from './ask-hotp.ts';
import { askTotp } from './ask-totp.ts';
import type { OtpSettings } from './settings.ts';

/** F11: one-time passwords whose seeds were exported. */
export const createOtpAdapter = (settings: OtpSettings, context: AdapterContext): PasswordAdapter =>
  createRecordAdapter('otp', settings.method === 'M37' ? askTotp(settings, context) : askHotp(settings, context));
