import type { AdapterContext, PasswordAdapter } from '../adapter.ts';
import { createRecordAdapter, type RecordMethod } from '../records/create-record-adapter.ts';
import { askCells } from './ask-cells.ts';
import { askLetterCode } from './ask-letter-code.ts';
import { askListedCode } from './ask-listed-code.ts';
import { askPhonePin } from './ask-phone-pin.ts';
import { sendCode } from './send-code.ts';
import type { CodeSettings } from './settings.ts';

/** F10: codes that reach their holder on a way of their own. */
export const createCodeAdapter = (settings: CodeSettings, context: AdapterContext): PasswordAdapter =>
  createRecordAdapter('code', methodOf(settings, context));

function methodOf(settings: CodeSettings, context: AdapterContext): RecordMethod {
  if (settings.method === 'M35') return askLetterCode(settings, context);
  if (settings.method === 'M36')
    return settings.by === 'grid' ? askCells(settings, context) : askListedCode(settings, context);
  return settings.method === 'M34' && settings.by === 'pin'
    ? askPhonePin(settings, context)
    : sendCode(settings, context);
}
