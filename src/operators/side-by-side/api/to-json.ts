import type { Static } from 'typebox';
import type { OpenRequest, ShadowReport, SideFigures } from '../../../migration/index.ts';
import type { Operator } from '../../access/operator.ts';
import { writeCsv } from '../../insight/write-csv.ts';
import { movesFor } from '../moves.ts';
import type { Standing } from '../sides-deps.ts';
import { measuresOf } from '../step-limits.ts';
import type { SidesAnswer } from './sides-schemas.ts';

const time = (at: Date | undefined): string | null => at?.toISOString() ?? null;

export function sidesToJson(
  standing: Standing,
  { agreement, results, differs }: ShadowReport,
  operator: Operator,
): Static<typeof SidesAnswer> {
  const { sides, percent, watched } = standing.status;
  const { source, version, stage, authority, whenAway, step, complaints, stopped, changedBy, plan } = sides;
  return {
    source,
    version,
    stage,
    authority,
    whenAway,
    shadowSince: time(sides.shadowSince),
    plan: plan ?? null,
    step,
    stepSince: time(sides.stepSince),
    percent,
    complaints,
    stopped: stopped ? { by: stopped.by, at: stopped.at.toISOString() } : null,
    finalisedAt: time(sides.finalisedAt),
    changedBy: changedBy ?? null,
    changedAt: time(sides.changedAt),
    watched: watched
      ? {
          answers: watched.answers,
          new: figuresToJson(watched.new),
          old: figuresToJson(watched.old),
          broken: watched.broken ?? null,
        }
      : null,
    requests: {
      anyway: requestToJson(standing.requests.anyway),
      finalise: requestToJson(standing.requests.finalise),
    },
    shadow: { agreement: agreement ?? null, results: { ...results }, differs: { ...differs } },
    moves: [...movesFor(standing, operator)],
  };
}

const figuresToJson = (figures: SideFigures | undefined) => figures ?? null;

/** Not what was written for it: that may name people. */
const requestToJson = (request: OpenRequest | undefined) =>
  request
    ? {
        requestId: request.requestId,
        askedBy: request.askedBy,
        askedAt: request.askedAt.toISOString(),
        expiresAt: request.expiresAt.toISOString(),
      }
    : null;

/** What the figure is drawn from; only the header while nobody has moved. */
export function stepCsv({ status }: Standing): string {
  const { watched } = status;
  const counted = watched ? [['answers', watched.answers, watched.old?.samples, undefined]] : [];
  const measured = (measuresOf(status) ?? []).map(({ name, moved, stayed, limit }) => [name, moved, stayed, limit]);
  return writeCsv(['measure', 'new', 'old', 'goes_back_at'], [...counted, ...measured]);
}
