import type { Attribute } from '../answer.ts';
import type { AttributeName } from '../attribute-name.ts';
import { attributeOfNs, childrenOf, textOf } from '../assertions/read-elements.ts';
import type { ClaimValue, Statement } from '../assertions/statement.ts';

const IDA = 'http://www.cabinetoffice.gov.uk/resource-library/ida/attributes';
const MOST_VALUES = 20;
const LONGEST = 500;

/** What GOV.UK Verify called its matching data set, version 1.1. */
const SIMPLE: Readonly<Record<string, AttributeName>> = {
  MDS_firstname: 'given-name',
  MDS_surname: 'family-name',
  MDS_dateofbirth: 'birth-date',
};
const ADDRESSES = ['MDS_currentaddress', 'MDS_previousaddress'];

interface Means {
  readonly from: string;
  /** The partner's own marks of what it has verified are believed. */
  readonly isTrusted: boolean;
}

/**
 * Names, dates of birth and addresses with the time that they were true for. What is over is dated with its end: an old
 * surname may find an old record, and must not be taken for today's.
 */
export function readMatchingData(statement: Statement, { from, isTrusted }: Means): readonly Attribute[] {
  const now = statement.issuedAt.toISOString();
  return statement.claims.flatMap(({ name, values }) =>
    values.slice(0, MOST_VALUES).flatMap((value) => {
      const verified = isTrusted && attributeOfNs(value.element, IDA, 'Verified') === 'true';
      const about = { from, asOf: endOf(value) ?? now, ...(verified && { verified }) };
      return partsOf(name, value).map((part) => ({ ...part, value: part.value.slice(0, LONGEST), ...about }));
    }),
  );
}

function endOf({ element }: ClaimValue): string | undefined {
  const to = attributeOfNs(element, IDA, 'To');
  const time = new Date(to ?? '');
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

function partsOf(name: string, { text, element }: ClaimValue): readonly Pick<Attribute, 'name' | 'value'>[] {
  const simple = SIMPLE[name];
  if (simple !== undefined) return text === '' ? [] : [{ name: simple, value: text }];
  if (!ADDRESSES.includes(name)) return [];
  const lines = childrenOf(element, IDA, 'Line').flatMap((line) => textOf(line) ?? []);
  const postcodes = childrenOf(element, IDA, 'PostCode').flatMap((code) => textOf(code) ?? []);
  const address = [...lines, ...postcodes].join(', ');
  return [
    ...(lines.length > 0 ? [{ name: 'address', value: address } as const] : []),
    ...postcodes.map((value) => ({ name: 'postcode', value }) as const),
  ];
}
