import type { FaultReason } from '../legacy-fault.ts';

/** Numbers by source; no label holds anything of a person. */
export interface LegacyMetrics {
  answered(source: string, outcome: string, seconds: number): void;
  fault(source: string, reason: FaultReason): void;
}
