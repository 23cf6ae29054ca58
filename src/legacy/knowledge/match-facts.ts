import type { AdapterContext, LegacyRecord } from '../adapter.ts';
import { type Field, refused } from '../answer.ts';
import type { AttributeName } from '../attribute-name.ts';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import { forgetTries, takeTry } from '../records/count-tries.ts';
import { isMisshapen, type RecordMethod } from '../records/create-record-adapter.ts';
import { identify } from '../records/identify.ts';
import { readDate } from '../records/read-date.ts';
import { isSame } from '../records/stored-secret.ts';
import { loginFields } from '../records/typed-login.ts';
import { hasCheckDigit } from './check-digit.ts';
import {
  isBirthDateOf,
  readDocumentNumber,
  readDriverNumber,
  readNino,
  readPostcode,
  readReference,
} from './document-numbers.ts';
import { foldFreely } from './fold-answer.ts';
import type { Fact, FactSettings } from './settings.ts';

/**
 * M28 to M30: a number and facts beside it. Others know them too: they find a row, and prove no control of anything, so
 * the level is none whatever the settings say.
 */
export function matchFacts(settings: FactSettings, context: AdapterContext): RecordMethod {
  const { records } = context;
  const independent = settings.facts.filter((fact) => !isInNumber(settings, fact)).length;
  const needed = settings.needed ?? independent;
  if (independent === 0 || needed > independent) throw tooFew(context.source);
  const tries = { name: 'fact-tries', most: settings.tries ?? Number.MAX_SAFE_INTEGER };

  return {
    fields: [...loginFields(context, {}), ...settings.facts.map(toField)],
    async first({ fields }) {
      const number = readNumber(settings, fields['login'] ?? '');
      const typed = settings.facts.map((fact, index) => readFact(settings, fact, fields[nameOf(fact, index)] ?? ''));
      if (number === undefined || typed.every((value) => value === undefined)) return refused('misshapen');
      const record = await records.find(number);
      const hasTry = await takeTry(records, record?.accountKey, tries);
      const judged = settings.facts.map((fact, index) => ({
        isRight: isFact(settings, fact, { record, number, typed: typed[index] }),
        counts: !isInNumber(settings, fact),
      }));
      if (!record) return refused('unknown-person');
      if (!hasTry) return refused('locked');
      // What the number tells anyway counts for nothing when it is right, and against everything when it is not.
      if (judged.some(({ isRight, counts }) => !counts && !isRight)) return refused('wrong-secret');
      if (judged.filter(({ isRight, counts }) => counts && isRight).length < needed) return refused('wrong-secret');
      if (hasEnded(settings, record, context.now())) return refused('expired');
      await forgetTries(records, record.accountKey, tries);
      const shows = settings.facts.flatMap(({ fact }) => SHOWN[fact] ?? []);
      return identify(context, settings, record, { evidence: 'knowledge', proved: ['facts'], level: 'none', shows });
    },
  };
}

/** Only what the person has just told themselves: a guess that succeeds must not earn further facts. */
const SHOWN: Partial<Record<Fact['fact'], AttributeName>> = { 'birth-date': 'birth-date', postcode: 'postcode' };

const tooFew = (source: string): LatchkeyError =>
  new LatchkeyError('config_invalid', `The source ${source} needs more facts that its number does not contain.`);

/** A driver number contains the surname and the date of birth: beside it they are no facts of their own. */
const isInNumber = ({ method }: FactSettings, { fact }: Fact): boolean =>
  method === 'M29' && (fact === 'birth-date' || fact === 'family-name');

function readNumber(settings: FactSettings, typed: string): string | undefined {
  if (isMisshapen(typed)) return undefined;
  if (settings.method === 'M29') return readDriverNumber(typed);
  if (settings.method === 'M30') return readDocumentNumber(typed, settings.documents);
  const number = readReference(typed);
  if (number === '' || (settings.checkDigit && !hasCheckDigit(number, settings.checkDigit))) return undefined;
  // As typed: only the source knows whether hyphens belong to it.
  return typed;
}

const LABELS = {
  'birth-date': { kind: 'date', label: { key: 'date-of-birth' } },
  postcode: { kind: 'text', label: { key: 'postcode' }, length: 8 },
  nino: { kind: 'text', label: { key: 'nino' }, length: 13 },
  nationality: { kind: 'text', label: { key: 'nationality' } },
  'family-name': { kind: 'text', label: { en: 'Last name', cy: 'Cyfenw' } },
} as const satisfies Record<string, Omit<Field, 'name'>>;

const toField = (fact: Fact, index: number): Field =>
  fact.fact === 'text'
    ? { name: nameOf(fact, index), kind: 'text', label: fact.label }
    : { name: nameOf(fact, index), ...LABELS[fact.fact] };

const NAMES = {
  'birth-date': 'dateOfBirth',
  postcode: 'postcode',
  nino: 'nino',
  nationality: 'nationality',
  'family-name': 'familyName',
} as const;
const nameOf = ({ fact }: Fact, index: number): string => (fact === 'text' ? `fact${index + 1}` : NAMES[fact]);

/** A fact in the form in which it is compared; undefined for what cannot be one. */
function readFact(settings: FactSettings, { fact }: Fact, value: string, isStored = false): string | undefined {
  if (isMisshapen(value)) return undefined;
  if (fact === 'birth-date') return readDate(value, isStored ? settings.dates : 'day-month');
  if (fact === 'postcode') return readPostcode(value);
  if (fact === 'nino') return readNino(value);
  const folded = foldFreely(value);
  return fact === 'nationality' ? sameNationality(settings, folded) : folded || undefined;
}

function sameNationality(settings: FactSettings, folded: string): string | undefined {
  const groups = settings.method === 'M30' ? (settings.nationalities ?? []) : [];
  const group = groups.find((said) => said.some((name) => foldFreely(name) === folded));
  return (group ? foldFreely(group[0] ?? '') : folded) || undefined;
}

interface Claim {
  readonly record: LegacyRecord | undefined;
  readonly number: string;
  readonly typed: string | undefined;
}

function isFact(settings: FactSettings, fact: Fact, { record, number, typed }: Claim): boolean {
  const held = heldOf(record, fact).flatMap((value) => readFact(settings, fact, value, true) ?? []);
  const right = held.filter((value) => isSame(Buffer.from(value), Buffer.from(typed ?? '')));
  if (settings.method === 'M29' && typed !== undefined) {
    if (fact.fact === 'birth-date') return isBirthDateOf(number, typed) && (held.length === 0 || right.length > 0);
    if (fact.fact === 'family-name' && held.length === 0)
      return number.startsWith(typed.slice(0, 5).toUpperCase().padEnd(5, '9'));
  }
  return right.length > 0;
}

function heldOf(record: LegacyRecord | undefined, fact: Fact): readonly string[] {
  if (!record) return [];
  if (fact.columns) return fact.columns.flatMap((name) => record.extras[name] ?? []);
  const { birthDate = '', postcode = '', name = '', extras } = record;
  const own = {
    'birth-date': birthDate,
    postcode,
    nino: extras['nino'] ?? '',
    nationality: extras['nationality'] ?? '',
    'family-name': name.trim().split(/\s+/).at(-1) ?? '',
  };
  return fact.fact === 'text' ? [] : [own[fact.fact]];
}

/** A document without a readable end has ended, where ends are looked at. */
function hasEnded(settings: FactSettings, { extras }: LegacyRecord, now: Date): boolean {
  if (settings.method !== 'M30' || settings.expiresColumn === undefined) return false;
  const end = readDate(extras[settings.expiresColumn] ?? '', settings.dates);
  return end === undefined || now.getTime() > Date.parse(end) + ((settings.graceDays ?? 0) + 1) * 86_400_000;
}
