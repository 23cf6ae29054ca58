import type { AdapterContext, PasswordAdapter } from '../adapter.ts';
import { createRecordAdapter, type RecordMethod } from '../records/create-record-adapter.ts';
import { askCharacters } from './ask-characters.ts';
import { askPin } from './ask-pin.ts';
import { askQuestions } from './ask-questions.ts';
import { matchFacts } from './match-facts.ts';
import type { KnowledgeSettings } from './settings.ts';

/** F9: what somebody knows. Most of it identifies a row and proves no more; the levels stand with each method. */
export const createKnowledgeAdapter = (settings: KnowledgeSettings, context: AdapterContext): PasswordAdapter =>
  createRecordAdapter('knowledge', methodOf(settings, context));

function methodOf(settings: KnowledgeSettings, context: AdapterContext): RecordMethod {
  if (settings.method === 'M25') return askCharacters(settings, context);
  if (settings.method === 'M26') return askPin(settings, context);
  return settings.method === 'M27' ? askQuestions(settings, context) : matchFacts(settings, context);
}
