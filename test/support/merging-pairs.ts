import fc from 'fast-check';
import type { ContactRow, LinkRow, Pair, Side, SubjectRow } from '../../src/accounts/merging/sides.ts';

// Random accounts as the merging rules see them. Times are few, so that many things are of the same moment.

const SECTORS = ['rents', 'permits', 'grants', 'licences', 'taxes'] as const;

const moment = fc.nat({ max: 9 }).map((n) => `2026-0${n + 1}-01T00:00:00.00000${n}Z`.replace('2026-010', '2026-10'));

const contactsOf = (owner: string): fc.Arbitrary<ContactRow[]> =>
  fc
    .record({
      emails: fc.array(moment, { minLength: 1, maxLength: 5 }),
      phones: fc.array(moment, { maxLength: 2 }),
      firstEmail: fc.nat(),
      firstPhone: fc.nat(),
    })
    .map(({ emails, phones, firstEmail, firstPhone }) => {
      const make = (kind: 'email' | 'phone', times: readonly string[], first: number): ContactRow[] =>
        times.map((at, n) => contact(`${owner}-${kind}-${n}`, kind, at, n === first % times.length));
      return [...make('email', emails, firstEmail), ...make('phone', phones, firstPhone)];
    });

export function contact(name: string, kind: 'email' | 'phone', at: string, primary: boolean): ContactRow {
  return {
    identityId: `id-${name}`,
    kind,
    valueKey: name,
    value: `${name}@example`,
    primary,
    verifiedAt: at,
    createdAt: at,
  };
}

export function link(
  name: string,
  at: string,
  proofs: readonly object[] = [],
  undoneAt: string | null = null,
): LinkRow {
  return {
    linkId: `link-${name}`,
    legacyKey: `old-${name}`,
    source: 'portal',
    proofs: JSON.stringify(proofs),
    linkedAt: at,
    undoneAt,
  };
}

/** Old ids are often the same in several sectors, and small numbers the same at many sources: so some are alike here. */
const subjectsOf = (owner: string): fc.Arbitrary<SubjectRow[]> =>
  fc
    .array(fc.record({ sector: fc.constantFrom(...SECTORS), alike: fc.boolean(), createdAt: moment }), { maxLength: 5 })
    .map((rows) => {
      const seen = new Set<string>();
      return rows
        .filter(({ sector }) => !seen.has(sector) && seen.add(sector))
        .map(({ sector, alike, createdAt }) =>
          alike
            ? { sector, sub: `42-${owner}`, origin: 'inherited' as const, source: 'portal', createdAt }
            : { sector, sub: `sub-${owner}-${sector}`, origin: 'derived' as const, source: null, createdAt },
        );
    });

/** @param owner distinguishes everything that can be only one account's. */
export function randomSide(owner: string): fc.Arbitrary<Side> {
  return fc.record({
    accountId: fc.constant(owner),
    status: fc.constant('active' as const),
    version: fc.nat({ max: 9 }),
    language: fc.constantFrom('en' as const, 'cy' as const),
    name: fc.option(fc.constant(`name of ${owner}`)),
    secondFactor: fc.constantFrom('when-asked' as const, 'always' as const),
    createdAt: moment,
    contacts: contactsOf(owner),
    passwords: fc.array(
      fc.record({
        credentialId: fc.constant(`password-${owner}`),
        secret: fc.string(),
        belowPolicy: fc.boolean(),
        createdAt: moment,
      }),
      { maxLength: 1 },
    ),
    links: fc
      .array(fc.record({ at: moment, undoneAt: fc.option(moment) }), { maxLength: 5 })
      .map((rows) => rows.map(({ at, undoneAt }, n) => link(`${owner}-${n}`, at, [], undoneAt))),
    subjects: subjectsOf(owner),
    aliases: fc.constant([]),
  });
}

export const randomPair: fc.Arbitrary<Pair> = fc.record({ survivor: randomSide('anna'), absorbed: randomSide('beth') });

/** As it counts for "exactly": no order, and no version, which only ever rises. */
export function comparable(side: Side): unknown {
  const sorted = <R>(rows: readonly R[]): R[] =>
    rows.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
  const { version: _version, ...rest } = side;
  return {
    ...rest,
    contacts: sorted(side.contacts),
    passwords: sorted(side.passwords),
    links: sorted(side.links),
    subjects: sorted(side.subjects),
    aliases: sorted(side.aliases),
  };
}

export const comparablePair = ({ survivor, absorbed }: Pair): unknown => ({
  survivor: comparable(survivor),
  absorbed: comparable(absorbed),
});
