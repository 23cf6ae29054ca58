import { describe, expect, it } from 'vitest';
import { readAccountKey } from './read-account-key.ts';

const bytes = (hex: string): readonly Buffer[] => [Buffer.from(hex, 'hex')];
const text = (value: string): readonly Buffer[] => [Buffer.from(value)];

describe('readAccountKey', () => {
  it('writes a GUID as Windows does', () => {
    // Value and text of MS-DTYP §2.3.4.3 and of RFC 9562, Appendix A.
    expect(readAccountKey(bytes('33221100554477668899aabbccddeeff'), 'guid')).toBe(
      '00112233-4455-6677-8899-aabbccddeeff',
    );
  });

  it('writes a security id as Windows does', () => {
    // The administrators of any machine, and somebody of a domain.
    expect(readAccountKey(bytes('01020000000000052000000020020000'), 'sid')).toBe('S-1-5-32-544');
    expect(readAccountKey(bytes('010500000000000515000000010000000200000003000000f4010000'), 'sid')).toBe(
      'S-1-5-21-1-2-3-500',
    );
  });

  it('writes a UUID in one case', () => {
    expect(readAccountKey(text('768E33BC-7AEF-1041-9B82-E9AA469D6025'), 'uuid')).toBe(
      '768e33bc-7aef-1041-9b82-e9aa469d6025',
    );
  });

  it.each([
    ['no value', undefined, 'uuid'],
    ['no value', [], 'text'],
    ['two values', [...text('a'), ...text('b')], 'text'],
    ['a UUID that is none', text('anna'), 'uuid'],
    ['a GUID that is cut off', bytes('33221100'), 'guid'],
    ['a security id that is cut off', bytes('0102000000000005'), 'sid'],
    ['an empty text', text(''), 'text'],
    ['control characters', text('a\nb'), 'text'],
    ['a text without end', text('a'.repeat(256)), 'text'],
    ['too many bytes', bytes('00'.repeat(65)), 'hex'],
  ] as const)('knows nobody by %s', (_what, values, format) => {
    expect(readAccountKey(values, format)).toBeUndefined();
  });
});
