import { Type } from 'typebox';
import type { AdapterContext, LegacyRecord } from '../adapter.ts';
import { type Field, refused, type Words } from '../answer.ts';
import { forgetTries, moveCounter, readCounter, takeTry } from '../records/count-tries.ts';
import { asks, isMisshapen, readState, type RecordMethod } from '../records/create-record-adapter.ts';
import { identify } from '../records/identify.ts';
import { pickPositions } from '../records/pick-positions.ts';
import { isHeld } from '../records/stored-secret.ts';
import { loginFields } from '../records/typed-login.ts';
import { foldAnswer } from './fold-answer.ts';
import type { QuestionSettings } from './settings.ts';

const State = Type.Object({ login: Type.String(), uses: Type.Integer() });

/** M27: security questions. Answers stand on social media: however many are right, they raise no level. */
export function askQuestions(settings: QuestionSettings, context: AdapterContext): RecordMethod {
  const { records } = context;
  const key = context.secret(settings.positionsSecret);
  const { asked: count, questions } = settings;
  const pick = (login: string, uses: number): readonly number[] =>
    pickPositions({ key, login, uses, of: questions.length, count });

  return {
    fields: loginFields(context, {}),
    async first({ fields: { login = '' } }) {
      if (isMisshapen(login)) return refused('misshapen');
      const record = await records.find(login);
      const uses = (await readCounter(records, record?.accountKey, USES)) ?? 0;
      const picked = pick(login, uses);
      const fields = picked.map((index): Field => ({
        name: nameOf(index),
        kind: 'secret',
        label: questionOf(settings, index, { key, login, record }),
      }));
      return asks(fields, 'second-step', { login, uses });
    },
    async next(round) {
      const { login, uses } = readState(State, round);
      const picked = pick(login, uses);
      const typed = picked.map((index) => round.fields[nameOf(index)] ?? '');
      // One that somebody has forgotten may be left empty, where not all must be right.
      if (typed.every((answer) => answer.trim() === '')) return refused('misshapen');
      const record = await records.find(login);
      const tries = { name: 'answer-tries', most: settings.tries };
      const hasTry = await takeTry(records, record?.accountKey, tries);
      const right = picked.filter((question, index) =>
        isAnswer(context, settings, { record, question, typed: typed[index] ?? '' }),
      );
      if (!record) return refused('unknown-person');
      if (!hasTry) return refused('locked');
      if (right.length < Math.min(settings.right, picked.length)) return refused('wrong-secret');
      const step = { from: uses === 0 ? undefined : uses, to: uses + 1 };
      if (!(await moveCounter(records, record.accountKey, USES, step))) return refused('replayed');
      await forgetTries(records, record.accountKey, tries);
      const proved = ['security-answers'] as const;
      return identify(context, settings, record, { evidence: 'knowledge', proved, level: 'none', shows: [] });
    },
  };
}

const USES = 'answer-uses';
const nameOf = (index: number): string => `answer${index + 1}`;

/** The question as a row has it; people who do not exist have one of the usual ones, always the same. */
function questionOf(
  { questions }: QuestionSettings,
  index: number,
  { key, login, record }: { key: string; login: string; record: LegacyRecord | undefined },
): Words {
  const ask = questions[index]?.ask;
  if (!ask || 'en' in ask) return ask ?? { en: '' };
  const [standIn = 0] = pickPositions({ key, login, uses: -1 - index, of: ask.standIns.length, count: 1 });
  return { en: record?.extras[ask.column] || (ask.standIns[standIn] ?? '') };
}

function isAnswer(
  context: AdapterContext,
  { questions, normalise }: QuestionSettings,
  { record, question, typed }: { record: LegacyRecord | undefined; question: number; typed: string },
): boolean {
  const held = questions[question]?.held;
  const form = (value: string): string => foldAnswer(value, normalise);
  if (!held || isMisshapen(form(typed))) return false;
  return isHeld(context, held, typed, { record, stored: record?.extras[held.column], position: question + 1, form });
}
