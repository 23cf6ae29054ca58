import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Asks } from '../../migration/index.ts';
import { nameIn } from '../first-sign-in/offered-sources.ts';
import type { Language } from '../engine/step.ts';
import type { JourneyDeps } from '../journey-deps.ts';
import type { Asked } from './asked.ts';

type Field = Asks['prompt']['fields'][number];

/** What the page shows: boxes to fill in, or a way to the old service's own sign-in page. */
export type AskedView =
  | { readonly kind: 'fields'; readonly fields: readonly FieldView[]; readonly notice: string | undefined }
  | { readonly kind: 'link'; readonly url: string }
  | { readonly kind: 'form'; readonly action: string; readonly fields: readonly { name: string; value: string }[] }
  | { readonly kind: 'unavailable' };

export interface FieldView {
  readonly name: string;
  readonly kind: Field['kind'];
  readonly label: string;
  readonly hint: string | undefined;
  readonly length: number | undefined;
  readonly value: string;
}

/** Puts what is asked into the words of the page. `typed`: what the citizen has entered already, never a secret. */
export function showAsked(
  deps: Pick<JourneyDeps, 'pages'>,
  asked: Asked | undefined,
  { language, typed }: { readonly language: Language; readonly typed: Readonly<Record<string, string | undefined>> },
): AskedView {
  if (!asked) return { kind: 'unavailable' };
  const t = deps.pages.translate(language);
  if (asked.outcome === 'redirect') return { kind: 'link', url: asked.url };
  if (asked.outcome === 'enter')
    return { kind: 'link', url: `${asked.url}?handle=${encodeURIComponent(asked.handle)}` };
  if (asked.outcome === 'form') {
    const fields = Object.entries(asked.fields).map(([name, value]) => ({ name, value }));
    return { kind: 'form', action: asked.action, fields };
  }
  const { fields, notice } = asked.prompt;
  const shown = fields.map((field) => showField(deps, field, { language, typed }));
  return { kind: 'fields', fields: shown, notice: notice && t(`journeys.oldProof.notices.${notice}`) };
}

/** A link in a message brings its code along: it fills the box in, and pressing the button is left to the citizen. */
export function codeInLink({ query }: FastifyRequest): { readonly code?: string } {
  return Value.Check(CodeQuery, query) ? { code: query.code } : {};
}

const CodeQuery = Type.Object({ code: Type.String({ maxLength: 64 }) });

function showField(
  deps: Pick<JourneyDeps, 'pages'>,
  { name, kind, label, hint, length }: Field,
  { language, typed }: { readonly language: Language; readonly typed: Readonly<Record<string, string | undefined>> },
): FieldView {
  const words =
    'key' in label
      ? deps.pages.translate(language)(`journeys.oldProof.fields.${label.key}`, { ...label.values })
      : nameIn(label, language);
  const value = kind === 'secret' ? '' : (typed[name] ?? '');
  return { name, kind, label: words, hint: hint && nameIn(hint, language), length, value };
}

/** Where the page's own form goes when it leaves for the old system (Chromium checks it against the policy). */
export const originOf = (asked: Asked | undefined): string | undefined =>
  asked?.outcome === 'form' ? new URL(asked.action).origin : undefined;
