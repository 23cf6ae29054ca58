import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitCsv } from './split-csv.ts';

const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`;

describe('splitCsv', () => {
  it('reads what anybody quotes, as csv-parse reads it', () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', ' ', '\n', 'é'), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(field, { minLength: 1, maxLength: 6 }), fc.constantFrom(',', ';'), (fields, delimiter) => {
        const plain = /[",;\n]/;
        const record = fields.map((text) => (plain.test(text) ? quoted(text) : text)).join(delimiter);
        expect(splitCsv(record, delimiter)).toEqual(fields);
        if (record.trim() === '') return;
        expect(parse(record, { delimiter })).toEqual([fields]);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['a,"b', 'open'],
    ['"', 'open'],
    ['"a""', 'open'],
    ['a"b,c', 'bad-quote'],
    ['"a"b,c', 'bad-quote'],
    ['"a" ,c', 'bad-quote'],
  ])('%j is %s', (record, result) => {
    expect(splitCsv(record, ',')).toBe(result);
  });

  it.each([
    ['', ['']],
    [',', ['', '']],
    ['"",""', ['', '']],
    ['"a,b",', ['a,b', '']],
  ])('%j has the fields %j', (record, fields) => {
    expect(splitCsv(record, ',')).toEqual(fields);
  });
});
