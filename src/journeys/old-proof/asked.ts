import { Type, type Static } from 'typebox';
import type { Asks, Leave, LegacyProof, Match } from '../../migration/index.ts';

/** What an old account is proved by next; migration made it, and its state is opaque to these pages. */
export type Asked = Asks | Leave;

/** Sealed with the journey. */
export const AskedSchema = Type.Unsafe<Asked>(Type.Object({ outcome: Type.String() }));

/** One proof that was made in this journey. */
export const ProvedSchema = Type.Object({
  proof: Type.Unsafe<LegacyProof>(Type.String()),
  kind: Type.Unsafe<Match['kind']>(Type.String()),
  legacyKey: Type.String(),
  /** A password came along with it. */
  carries: Type.Boolean(),
});
export type Proved = Static<typeof ProvedSchema>;
