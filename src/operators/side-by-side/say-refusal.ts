import type { Refused, Requested, SidesRefusal } from '../../migration/index.ts';
import type { PageError } from '../../platform/pages/create-pages.ts';
import type { MoveName } from './moves.ts';

/** Why something was not done: of the sides, or because two people were not enough or not two. */
export type Reason = Refused['reason'] | Extract<Requested, { outcome: 'refused' }>['reason'] | 'nobody-moved';

type Told = SidesRefusal | 'nobody-moved' | 'same-operator' | 'evidence-missing' | 'asked-already' | 'nothing-asked';

/** Those that have words of their own, and where they stand; what cannot happen here has common ones. */
const PLACES = {
  finalised: 'moves',
  'nobody-to-ask': 'moves',
  'nothing-imported': 'moves',
  'runs-unfinished': 'moves',
  'no-other-way': 'moves',
  'no-plan': 'moves',
  'under-way': 'moves',
  'at-the-end': 'moves',
  'at-the-beginning': 'moves',
  'too-few-answers': 'moves',
  'not-quiet': 'moves',
  'nobody-moved': 'moves',
  'same-operator': 'moves',
  'asked-already': 'moves',
  'nothing-asked': 'moves',
  'evidence-missing': 'evidence',
} as const satisfies Record<Told, 'moves' | 'evidence'>;

const isTold = (reason: Reason): reason is Told => reason in PLACES;

/** A refusal in words, at the box that it is about. */
export function sayRefusal(reason: Reason, move?: MoveName): PageError {
  const told = isTold(reason) ? reason : undefined;
  const isEvidence = told !== undefined && PLACES[told] === 'evidence' && move !== undefined;
  return { field: isEvidence ? `${move}-evidence` : 'moves', key: `operators.sideBySide.refusals.${told ?? 'other'}` };
}
