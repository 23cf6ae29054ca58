import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LinkFacts, PROOF_LIFETIME_MS, decideLink } from './decide-link.ts';

const now = new Date('2026-11-22T12:00:00Z');
const ago = (ms: number) => new Date(now.getTime() - ms);

const good: LinkFacts = {
  source: { status: 'open', proofs: ['old-password'] },
  legacy: { state: 'waiting', sourceStatus: 'active', ownedByTarget: false, stateSince: undefined },
  legacyProof: { kind: 'old-password', provedAt: ago(1000), bound: true },
  target: { kind: 'new', addressProvedAt: ago(500), addressTaken: false },
  now,
};
const existing = (provedAt: Date | undefined, status = 'active') => ({ kind: 'existing', status, provedAt }) as const;

const when = fc.option(
  fc.integer({ min: -1000, max: PROOF_LIFETIME_MS * 2 }).map((age) => ago(age)),
  { nil: undefined },
);
const anyFacts: fc.Arbitrary<LinkFacts> = fc.record({
  source: fc.record({
    status: fc.constantFrom('open', 'suspended', 'unknown'),
    proofs: fc.subarray(['old-password', 'posted-code']),
  }),
  legacy: fc.record({
    state: fc.constantFrom('waiting', 'adopted', 'released', 'retired', 'refused', 'unknown'),
    sourceStatus: fc.constantFrom('active', 'disabled'),
    ownedByTarget: fc.boolean(),
    stateSince: when,
  }),
  legacyProof: fc.option(
    fc.record({
      kind: fc.constantFrom('old-password', 'posted-code', 'same-email'),
      provedAt: when.map((at) => at ?? now),
      bound: fc.boolean(),
    }),
    { nil: undefined },
  ),
  target: fc.oneof(
    fc.record({ kind: fc.constant('new' as const), addressProvedAt: when, addressTaken: fc.boolean() }),
    fc.record({
      kind: fc.constant('existing' as const),
      status: fc.constantFrom('active', 'suspended', 'closed', undefined),
      provedAt: when,
    }),
  ),
  now: fc.constant(now),
});

const isFresh = (at: Date | undefined) =>
  at !== undefined && at <= now && now.getTime() - at.getTime() <= PROOF_LIFETIME_MS;

describe('decideLink', () => {
  it('E2: links only with a fresh, bound, allowed proof of the old side and a fresh proof of the new side', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        if (decideLink(facts).outcome !== 'linked') return;
        expect(facts.source.status).toBe('open');
        expect(['waiting', 'released']).toContain(facts.legacy.state);
        expect(facts.legacy.sourceStatus).toBe('active');
        expect(facts.legacyProof?.bound).toBe(true);
        expect(facts.source.proofs).toContain(facts.legacyProof?.kind);
        expect(isFresh(facts.legacyProof?.provedAt)).toBe(true);
        const { target } = facts;
        expect(isFresh(target.kind === 'new' ? target.addressProvedAt : target.provedAt)).toBe(true);
        expect(target.kind === 'new' ? !target.addressTaken : target.status === 'active').toBe(true);
      }),
      { numRuns: 20_000 },
    );
  });

  it('E2: taking away any one proof or permission takes away the link', () => {
    expect(decideLink(good)).toEqual({ outcome: 'linked' });
    const worse: LinkFacts[] = [
      { ...good, legacyProof: undefined },
      { ...good, legacyProof: { ...good.legacyProof!, bound: false } },
      { ...good, legacyProof: { ...good.legacyProof!, kind: 'same-email' } },
      { ...good, legacyProof: { ...good.legacyProof!, provedAt: ago(PROOF_LIFETIME_MS + 1) } },
      { ...good, target: { kind: 'new', addressProvedAt: undefined, addressTaken: false } },
      { ...good, target: { kind: 'new', addressProvedAt: now, addressTaken: true } },
      { ...good, target: existing(undefined) },
      { ...good, target: existing(now, 'suspended') },
      { ...good, source: { ...good.source, status: 'suspended' } },
      { ...good, legacy: { ...good.legacy, sourceStatus: 'disabled' } },
      { ...good, legacy: { ...good.legacy, state: 'adopted' } },
      { ...good, legacy: { ...good.legacy, state: 'retired' } },
    ];
    for (const facts of worse) expect(decideLink(facts).outcome).not.toBe('linked');
  });

  it('linking-attacks 14: a released account is not linked by a proof from before its release', () => {
    const released = { ...good.legacy, state: 'released', stateSince: ago(500) } as const;
    expect(decideLink({ ...good, legacy: released })).toEqual({ outcome: 'needs-proof', of: 'legacy' });
    const proved = { ...good.legacyProof!, provedAt: ago(100) };
    expect(decideLink({ ...good, legacy: released, legacyProof: proved })).toEqual({ outcome: 'linked' });
  });

  it('says to its owner that an account is linked already, and to others only that it is taken', () => {
    const adopted = { ...good.legacy, state: 'adopted' } as const;
    expect(decideLink({ ...good, legacy: adopted })).toEqual({ outcome: 'refused', reason: 'already-adopted' });
    const mine = { ...good, legacy: { ...adopted, ownedByTarget: true }, target: existing(now) };
    expect(decideLink(mine)).toEqual({ outcome: 'refused', reason: 'already-yours' });
  });

  it('a taken address asks for a choice, and only once everything else is proved', () => {
    const taken = { kind: 'new', addressProvedAt: now, addressTaken: true } as const;
    expect(decideLink({ ...good, target: taken })).toEqual({ outcome: 'needs-choice', reason: 'address-taken' });
    expect(decideLink({ ...good, target: taken, legacyProof: undefined }).outcome).toBe('needs-proof');
  });
});
