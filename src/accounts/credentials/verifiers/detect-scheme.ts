import { type LegacyScheme, REGISTRY } from './registry.ts';
import type { CostClass, SchemeRow } from './scheme.ts';
import type { SideInput } from './side.ts';
import { MAX_HASH_LENGTH, readStored } from './stored-value.ts';
import { unusableReason } from './unusable.ts';

export interface SchemeCandidate {
  readonly scheme: LegacyScheme;
  /** How many of the samples can be of it. */
  readonly fits: number;
  /** 0 to 1: how sure the shape alone makes us that those that fit are of it. */
  readonly confidence: number;
  /** What the samples say of their cost, in the unit of the class. */
  readonly parameters: { readonly costClass: CostClass; readonly leastCost: number; readonly mostCost: number };
  /** What has to come from other columns or from the owner. */
  readonly needs: readonly (keyof SideInput)[];
  /** What would decide. */
  readonly decidedBy: 'shape' | 'known-pairs';
}

export interface Detection {
  readonly samples: number;
  readonly disabled: number;
  readonly liveSourceOnly: number;
  /** Of no shape that is known. */
  readonly unknown: number;
  /** Most likely first. Several with like confidence: the samples are ambiguous, and known pairs decide. */
  readonly candidates: readonly SchemeCandidate[];
}

const MAX_SAMPLES = 10_000;
const SURE = 0.98;
const AMBIGUOUS = 0.9;

/** Of values that look alike, how common they were; others count 1. */
const COMMON: Partial<Record<LegacyScheme, number>> = {
  'hex-md5': 8,
  'hex-sha1': 8,
  'hex-sha256': 8,
  'hex-sha512': 8,
  nthash: 4,
  'django-md5': 4,
  'django-sha1': 4,
  werkzeug: 2,
  'des-crypt': 4,
  'joomla-md5': 2,
  'dotnet-membership': 4,
  'aspnet-identity-v2': 4,
};

/** Stands in for what another column would say, so that a value can be judged by itself. */
const ANYTHING: SideInput = {
  salt: '00000000',
  user: 'user',
  realm: 'realm',
  pepper: 'pepper',
  algorithm: 'sha256',
  iterations: 1000,
  signerKey: 'A'.repeat(86),
};

/** Names the schemes that a sample column may be of: by shape, never by the name of the column. */
export function detectScheme(samples: readonly string[]): Detection {
  const taken = samples.slice(0, MAX_SAMPLES).map((sample) => sample.trim());
  const reasons = taken.map(unusableReason);
  const usable = taken.filter((sample, index) => reasons[index] === undefined && sample.length <= MAX_HASH_LENGTH);
  const tallies = REGISTRY.filter(({ id }) => id !== 'digest-expr' && id !== 'plaintext').flatMap((row) => {
    const tally = tallyRow(row, usable);
    return tally.fitting.size > 0 ? [tally] : [];
  });
  const known = new Set(tallies.flatMap(({ fitting }) => [...fitting]));
  return {
    samples: taken.length,
    disabled: reasons.filter((reason) => reason === 'disabled').length,
    liveSourceOnly: reasons.filter((reason) => reason === 'live-source-only').length,
    unknown: usable.length - known.size,
    candidates: tallies
      .map((tally) => candidateOf(tally, tallies, usable.length))
      .toSorted((a, b) => b.confidence * b.fits - a.confidence * a.fits),
  };
}

type Row = SchemeRow<Exclude<LegacyScheme, 'wrapped'>>;

interface RowTally {
  readonly row: Row;
  /** Indexes of the samples. */
  readonly fitting: ReadonlySet<number>;
  readonly leastCost: number;
  readonly mostCost: number;
}

function tallyRow(row: Row, samples: readonly string[]): RowTally {
  const fitting = new Set<number>();
  let [leastCost, mostCost] = [Number.POSITIVE_INFINITY, 0];
  for (const [index, stored] of samples.entries()) {
    if (row.shape?.test(stored) === false) continue;
    const read = readStored(row, { stored, side: row.needs ? ANYTHING : {} });
    if ('problem' in read) continue;
    fitting.add(index);
    leastCost = Math.min(leastCost, read.cost);
    mostCost = Math.max(mostCost, read.cost);
  }
  return { row, fitting, leastCost, mostCost };
}

const isSure = ({ row }: RowTally): boolean => row.shape !== undefined && !row.explicit && !row.needs;

/** What is told by its shape is sure; what is not shares its samples with all that look alike. */
function candidateOf(tally: RowTally, all: readonly RowTally[], samples: number): SchemeCandidate {
  const { row, fitting, leastCost, mostCost } = tally;
  const rivals = all.filter((other) => [...other.fitting].some((index) => fitting.has(index)));
  const sureRival = rivals.some((rival) => isSure(rival) && rival !== tally);
  const weight = (other: RowTally): number => COMMON[other.row.id] ?? 1;
  const shared = weight(tally) / rivals.reduce((sum, rival) => sum + weight(rival), 0);
  const sure = isSure(tally) && !sureRival;
  const ambiguous = AMBIGUOUS * shared * (fitting.size / samples) * (sureRival && !isSure(tally) ? 0.1 : 1);
  return {
    scheme: row.id,
    fits: fitting.size,
    confidence: Math.round((sure ? SURE : ambiguous) * 1000) / 1000,
    parameters: { costClass: row.costClass, leastCost, mostCost },
    needs: row.needs ?? [],
    decidedBy: sure ? 'shape' : 'known-pairs',
  };
}
