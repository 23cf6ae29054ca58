/** `open`: a field goes on in the next line. `bad-quote`: a quote stands where the dialect allows none. */
export type SplitResult = readonly string[] | 'open' | 'bad-quote' | 'bad-escape';

/** Splits one CSV record (RFC 4180). Strict: a quote inside an unquoted field is reported, not guessed at. */
export function splitCsv(record: string, delimiter: string, quote = '"'): SplitResult {
  if (!record.includes(quote)) return record.split(delimiter);
  const fields: string[] = [];
  let position = 0;
  for (;;) {
    const field =
      record[position] === quote
        ? quotedField(record, position, quote)
        : plainField(record, position, { delimiter, quote });
    if (typeof field === 'string') return field;
    fields.push(field.value);
    if (field.end === record.length) return fields;
    if (record[field.end] !== delimiter) return 'bad-quote';
    position = field.end + 1;
  }
}

interface Marks {
  readonly delimiter: string;
  readonly quote: string;
}

interface Field {
  readonly value: string;
  readonly end: number;
}

function plainField(record: string, start: number, { delimiter, quote }: Marks): Field | 'bad-quote' {
  const next = record.indexOf(delimiter, start);
  const end = next === -1 ? record.length : next;
  const value = record.slice(start, end);
  return value.includes(quote) ? 'bad-quote' : { value, end };
}

function quotedField(record: string, start: number, mark: string): Field | 'open' {
  let value = '';
  let from = start + 1;
  for (;;) {
    const quote = record.indexOf(mark, from);
    if (quote === -1) return 'open';
    value += record.slice(from, quote);
    if (record[quote + 1] !== mark) return { value, end: quote + 1 };
    value += mark;
    from = quote + 2;
  }
}
