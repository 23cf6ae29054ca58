import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProofKind, ProofPolicy } from '../sources/proof-policy.ts';
import { type LinkFacts, PROOF_LIFETIME_MS, decideForRow, decideLink } from './decide-link.ts';

const now = new Date('2026-11-22T12:00:00Z');
const ago = (ms: number) => new Date(now.getTime() - ms);
const policy = { version: 1, proofs: ['old-password'], assurance: 'Cl' } satisfies LinkFacts['source']['policy'];
const proof = { kind: 'old-password', provedAt: ago(1000), bound: true };

const good: LinkFacts = {
  source: { status: 'open', policy },
  legacy: { state: 'waiting', sourceStatus: 'active', ownedByTarget: false, stateSince: undefined },
  legacyProofs: [proof],
  target: { kind: 'new', addressProvedAt: ago(500), addressTaken: false },
  now,
};
const linked = { outcome: 'linked', assurance: 'Cl' } as const;
const existing = (provedAt: Date | undefined, status = 'active') => ({ kind: 'existing', status, provedAt }) as const;

const KINDS: ProofKind[] = [
  'old-password',
  'redirect-assertion',
  'service-attestation',
  'two-operators',
  'posted-code',
  'contact-code',
  'reference-and-fact',
];
// Mostly good: a case in which everything is wrong shows little.
const recent = fc.integer({ min: 0, max: 70_000 });
const anyAge = fc.oneof(recent, recent, recent, fc.integer({ min: -1000, max: PROOF_LIFETIME_MS * 2 }));
const when = fc.option(
  anyAge.map((age) => ago(age)),
  { nil: undefined, freq: 8 },
);
const someKinds: fc.Arbitrary<ProofKind[]> = fc.subarray<ProofKind>(KINDS, { minLength: 4 }).map((kinds) => [...kinds]);
const anyPolicy: fc.Arbitrary<ProofPolicy> = fc.record({
  version: fc.constant<number>(1),
  proofs: someKinds,
  needed: fc.constantFrom(1, 1, 1, 2, 3),
  assurance: fc.constantFrom<'none' | 'Cl' | 'Cl.Cm'>('none', 'Cl', 'Cl.Cm'),
  proofSeconds: fc.integer({ min: 60, max: 600 }),
});
const anyFacts: fc.Arbitrary<LinkFacts> = fc.record({
  source: fc.record({
    status: fc.constantFrom('open', 'open', 'open', 'suspended', 'unknown'),
    policy: fc.option(anyPolicy, { nil: undefined, freq: 8 }),
  }),
  legacy: fc.record({
    state: fc.constantFrom(
      'waiting',
      'waiting',
      'waiting',
      'waiting',
      'released',
      'released',
      'adopted',
      'retired',
      'refused',
      'unknown',
    ),
    sourceStatus: fc.constantFrom('active', 'active', 'disabled'),
    ownedByTarget: fc.boolean(),
    stateSince: when,
  }),
  legacyProofs: fc.array(
    fc.record({
      kind: fc.constantFrom(...KINDS, ...KINDS, 'same-email'),
      provedAt: when.map((at) => at ?? now),
      bound: fc.constantFrom(true, true, true, true, true, true, false),
    }),
    { maxLength: 3 },
  ),
  target: fc.oneof(
    fc.record({ kind: fc.constant('new' as const), addressProvedAt: when, addressTaken: fc.boolean() }),
    fc.record({
      kind: fc.constant('existing' as const),
      status: fc.constantFrom('active', 'active', 'suspended', 'closed', undefined),
      provedAt: when,
    }),
    fc.record({ kind: fc.constant('nobody' as const) }),
  ),
  now: fc.constant(now),
});

const isFresh = (at: Date | undefined, seconds = 600) =>
  at !== undefined && at <= now && now.getTime() - at.getTime() <= seconds * 1000;

function isGoodTarget(target: LinkFacts['target']): boolean {
  if (target.kind === 'nobody') return false;
  if (target.kind === 'new') return isFresh(target.addressProvedAt) && !target.addressTaken;
  return isFresh(target.provedAt) && target.status === 'active';
}

describe('decideLink', () => {
  it('E2: links only with fresh, bound, allowed and enough proofs of the old side and a fresh one of the new side', () => {
    let linkedCases = 0;
    fc.assert(
      fc.property(anyFacts, (facts) => {
        if (decideLink(facts).outcome !== 'linked') return;
        linkedCases += 1;
        const { source, legacy, legacyProofs, target } = facts;
        expect(source.status).toBe('open');
        expect(['waiting', 'released']).toContain(legacy.state);
        expect(legacy.sourceStatus).toBe('active');
        expect(legacyProofs.length).toBeGreaterThan(0);
        const kinds = new Set<string>(legacyProofs.map(({ kind }) => kind));
        for (const { kind, bound, provedAt } of legacyProofs) {
          expect(bound).toBe(true);
          expect(source.policy?.proofs).toContain(kind);
          expect(isFresh(provedAt, source.policy?.proofSeconds)).toBe(true);
          expect(legacy.state === 'waiting' || provedAt > legacy.stateSince!).toBe(true);
        }
        expect(kinds.size).toBeGreaterThanOrEqual(source.policy?.needed ?? 1);
        const strong = KINDS.slice(0, 5).some((kind) => kinds.has(kind));
        expect(strong || (kinds.has('contact-code') && kinds.has('reference-and-fact'))).toBe(true);
        expect(isGoodTarget(target)).toBe(true);
      }),
      { numRuns: 100_000 },
    );
    expect(linkedCases).toBeGreaterThan(300);
  });

  it('E2: taking away any one proof or permission takes away the link', () => {
    expect(decideLink(good)).toEqual(linked);
    const worse: LinkFacts[] = [
      { ...good, legacyProofs: [] },
      { ...good, legacyProofs: [{ ...proof, bound: false }] },
      { ...good, legacyProofs: [proof, { ...proof, bound: false }] },
      { ...good, legacyProofs: [{ ...proof, kind: 'same-email' }] },
      { ...good, legacyProofs: [{ ...proof, provedAt: ago(PROOF_LIFETIME_MS + 1) }] },
      { ...good, source: { status: 'open', policy: { ...policy, proofSeconds: 60 } }, now: new Date(+now + 60_000) },
      { ...good, source: { status: 'open', policy: { ...policy, needed: 2 } } },
      { ...good, source: { status: 'open', policy: undefined } },
      { ...good, target: { kind: 'new', addressProvedAt: undefined, addressTaken: false } },
      { ...good, target: { kind: 'new', addressProvedAt: now, addressTaken: true } },
      { ...good, target: { kind: 'nobody' } },
      { ...good, target: existing(undefined) },
      { ...good, target: existing(now, 'suspended') },
      { ...good, source: { ...good.source, status: 'suspended' } },
      { ...good, legacy: { ...good.legacy, sourceStatus: 'disabled' } },
      { ...good, legacy: { ...good.legacy, state: 'adopted' } },
      { ...good, legacy: { ...good.legacy, state: 'retired' } },
      { ...good, legacy: { ...good.legacy, state: 'refused' } },
    ];
    for (const facts of worse) expect(decideLink(facts).outcome).not.toBe('linked');
  });

  it('LA14: a released account is not linked by a proof from before its release', () => {
    const released = { ...good.legacy, state: 'released', stateSince: ago(500) } as const;
    const stale = { outcome: 'needs-proof', of: 'legacy', because: 'stale' };
    expect(decideLink({ ...good, legacy: released })).toEqual(stale);
    const anew = [{ ...proof, provedAt: ago(100) }];
    expect(decideLink({ ...good, legacy: released, legacyProofs: anew })).toEqual(linked);
    expect(decideLink({ ...good, legacy: released, legacyProofs: [...anew, proof] })).toEqual(stale);
  });

  it('M43: an account that several people share is linked to none of them, whatever was proved', () => {
    const shared = { ...good, legacy: { ...good.legacy, isShared: true } };
    expect(decideLink(shared)).toEqual({ outcome: 'becomes-organisation' });
    expect(decideLink({ ...shared, legacyProofs: [] }), 'and only once it is proved').toMatchObject({
      outcome: 'needs-proof',
    });
    const organised = { ...shared, legacy: { ...shared.legacy, state: 'organised' } } as const;
    expect(decideLink(organised)).toEqual({ outcome: 'refused', reason: 'already-adopted' });
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
    expect(decideLink({ ...good, target: taken, legacyProofs: [] }).outcome).toBe('needs-proof');
  });

  it('LA16: a mailbox alone is never enough, nor are facts; together they are where a policy says so', () => {
    const proofs: ProofKind[] = ['contact-code', 'reference-and-fact'];
    const source = { status: 'open', policy: { ...policy, proofs } } as const;
    const of = (...kinds: string[]) =>
      decideLink({ ...good, source, legacyProofs: kinds.map((kind) => ({ ...proof, kind })) });
    const more = { outcome: 'needs-proof', of: 'legacy', because: 'not-enough' };
    expect(of('contact-code')).toEqual(more);
    expect(of('contact-code', 'contact-code')).toEqual(more);
    expect(of('reference-and-fact')).toEqual(more);
    expect(of('contact-code', 'reference-and-fact')).toEqual(linked);
    // Where the policy lets both only support, nothing is supported.
    const support = [{ kind: 'contact-code', strength: 'supporting' } as const, 'reference-and-fact' as const];
    const lesser = { ...source, policy: { ...source.policy, proofs: support } };
    const both = proofs.map((kind) => ({ ...proof, kind }));
    expect(decideLink({ ...good, source: lesser, legacyProofs: both })).toEqual(more);
  });

  it('LA33: a link is worth the lower of what its policy grants and what was proved', () => {
    const proofs: ProofKind[] = ['old-password', 'redirect-assertion'];
    const at = (kind: string, assurance: 'none' | 'Cl' | 'Cl.Cm') =>
      decideLink({
        ...good,
        source: { status: 'open', policy: { ...policy, proofs, assurance } },
        legacyProofs: [{ ...proof, kind }],
      });
    expect(at('old-password', 'Cl.Cm')).toEqual({ outcome: 'linked', assurance: 'Cl' });
    expect(at('redirect-assertion', 'Cl.Cm')).toEqual({ outcome: 'linked', assurance: 'Cl.Cm' });
    expect(at('redirect-assertion', 'Cl')).toEqual({ outcome: 'linked', assurance: 'Cl' });
    expect(at('redirect-assertion', 'none')).toEqual({ outcome: 'linked', assurance: 'none' });
  });

  it('E9, L17: a bulk run never links, whatever came with it', () => {
    fc.assert(
      fc.property(anyFacts, ({ source, legacy, legacyProofs }) => {
        expect(decideForRow({ source, legacy, legacyProofs }, now).outcome).not.toBe('linked');
      }),
      { numRuns: 20_000 },
    );
    expect(decideForRow(good, now)).toEqual({ outcome: 'needs-proof', of: 'account', because: 'missing' });
  });
});

/**
 * A small world: people, the old accounts they own, who else knows what. A household shares a mailbox, a number was
 * somebody else's before, an agent acts for clients, namesakes are born on one day. Everybody tries for every old
 * account with everything that they can truly show. Who ends up with what is then compared with who owns what.
 */
interface World {
  readonly people: readonly {
    readonly name: string;
    readonly birthDate: string;
    readonly mailbox: number;
    readonly phone: number;
  }[];
  readonly oldAccounts: readonly {
    readonly owner: number;
    readonly mailbox: number;
    readonly name: string;
    readonly birthDate: string;
    /** Of people who know the reference number, as it stands on paper at home or at an agent's. */
    readonly paperAt: readonly number[];
    /** Where links were made and undone before. */
    readonly released: boolean;
  }[];
  readonly policyProofs: readonly ProofKind[];
  readonly tries: readonly { readonly person: number; readonly target: number; readonly fresh: boolean }[];
}

const PEOPLE = 6;
const person = fc.integer({ min: 0, max: PEOPLE - 1 });
const world: fc.Arbitrary<World> = fc.record({
  people: fc.array(
    fc.record({
      name: fc.constantFrom('Ann Jones', 'Bob Jones', 'Ann Smith'),
      birthDate: fc.constantFrom('1980-01-01', '1990-02-02'),
      mailbox: fc.integer({ min: 0, max: 3 }),
      phone: fc.integer({ min: 0, max: 3 }),
    }),
    { minLength: PEOPLE, maxLength: PEOPLE },
  ),
  oldAccounts: fc.array(
    fc.record({
      owner: person,
      mailbox: fc.integer({ min: 0, max: 3 }),
      name: fc.constantFrom('Ann Jones', 'Bob Jones', 'Ann Smith'),
      birthDate: fc.constantFrom('1980-01-01', '1990-02-02'),
      paperAt: fc.array(person, { maxLength: 2 }),
      released: fc.boolean(),
    }),
    { minLength: 2, maxLength: 5 },
  ),
  policyProofs: fc.subarray(['old-password', 'contact-code', 'reference-and-fact'], { minLength: 1 }),
  tries: fc.array(fc.record({ person, target: fc.integer({ min: 0, max: 4 }), fresh: fc.boolean() }), {
    minLength: 4,
    maxLength: 14,
  }),
});

/** What a person can truly show of an old account: a password only its owner knows; a code by whoever reads the mailbox. */
function proofsOf(w: World, who: number, target: number): string[] {
  const old = w.oldAccounts[target]!;
  const me = w.people[who]!;
  const kinds: string[] = [];
  if (old.owner === who) kinds.push('old-password');
  if (me.mailbox === old.mailbox) kinds.push('contact-code');
  const knowsNumber = old.owner === who || old.paperAt.includes(who);
  if (knowsNumber && me.name === old.name && me.birthDate === old.birthDate) kinds.push('reference-and-fact');
  return kinds;
}

function decideFor(w: World, kinds: string[], of: World['tries'][number], holder: number | undefined) {
  const untouched = w.oldAccounts[of.target]!.released ? 'released' : 'waiting';
  return decideLink({
    source: { status: 'open', policy: { version: 1, proofs: [...w.policyProofs], assurance: 'Cl' } },
    legacy: {
      state: holder === undefined ? untouched : 'adopted',
      sourceStatus: 'active',
      ownedByTarget: holder === of.person,
      stateSince: ago(5000),
    },
    legacyProofs: kinds.map((kind) => ({ kind, provedAt: ago(of.fresh ? 10 : PROOF_LIFETIME_MS + 1), bound: true })),
    target: { kind: 'existing', status: 'active', provedAt: ago(5) },
    now,
  });
}

/** Everybody's tries, one after the other. Gives back how many linked. */
function liveThrough(w: World): number {
  const owners = new Map<number, number>();
  for (const attempt of w.tries) {
    const { person: who, target, fresh } = attempt;
    const old = w.oldAccounts[target];
    if (!old) continue;
    const holder = owners.get(target);
    const kinds = proofsOf(w, who, target).filter((kind) => w.policyProofs.some((allowed) => allowed === kind));
    if (decideFor(w, kinds, attempt, holder).outcome !== 'linked') continue;
    // One winner for ever; and never by what households, agents and namesakes have in common.
    expect(holder).toBeUndefined();
    owners.set(target, who);
    const showsBoth = kinds.includes('contact-code') && kinds.includes('reference-and-fact');
    expect(fresh && (kinds.includes('old-password') || showsBoth)).toBe(true);
    expect(old.owner === who || (showsBoth && old.paperAt.includes(who))).toBe(true);
  }
  return owners.size;
}

describe('over random populations', () => {
  it('E1, E9, L11: equal facts, shared mailboxes, recycled numbers, agents and namesakes link nothing that is not proved', () => {
    let links = 0;
    fc.assert(
      fc.property(world, (w) => {
        links += liveThrough(w);
      }),
      { numRuns: 20_000 },
    );
    expect(links).toBeGreaterThan(1000);
  });
});
