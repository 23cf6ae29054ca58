import type { AdapterContext, LegacyRecord } from '../adapter.ts';
import type { Answered } from '../answer.ts';
import { identify } from '../records/identify.ts';
import type { GridSettings, ListSettings } from './settings.ts';

/** Paper can be copied: it makes a second factor beside a password, and is one of low quality by itself. */
export const holdsCard = (
  settings: GridSettings | ListSettings,
  context: AdapterContext,
  record: LegacyRecord,
): Answered =>
  settings.alongside === 'password'
    ? identify(context, settings, record, { evidence: 'sign-in', proved: ['password', 'grid-card'], level: 'Cl.Cm' })
    : identify(context, settings, record, { evidence: 'sign-in', proved: ['grid-card'], level: 'Cl' });
