import type { AdapterContext } from '../adapter.ts';
import type { Field } from '../answer.ts';
import { loginFields } from '../records/typed-login.ts';
import type { OtpSettings } from './settings.ts';

export const codeField = ({ digits }: OtpSettings): Field => ({
  name: 'code',
  kind: 'code',
  label: { key: 'code' },
  length: digits ?? 6,
});

export const codeFields = (context: AdapterContext, settings: OtpSettings): readonly Field[] => [
  ...loginFields(context, settings),
  codeField(settings),
];
