import { describe, expect, it } from 'vitest';
import { childrenOf, extensionsOf, oidOf, readDer, timeOf } from './read-der.ts';

const der = (hex: string) => readDer(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

describe('DER', () => {
  it('reads values, and values of values', () => {
    const [number, text] = childrenOf(der('3007 020105 0c026869'));
    expect(number).toMatchObject({ tag: 2, content: Buffer.from([5]) });
    expect(text?.content.toString()).toBe('hi');
  });

  it('reads identifiers', () => {
    expect(oidOf(der('0603550403'))).toBe('2.5.4.3');
    expect(oidOf(der('06092a864886f70d010101'))).toBe('1.2.840.113549.1.1.1');
    expect(oidOf(der('06038837 03'.replace(' ', '')))).toBe('2.999.3');
    expect(oidOf(der('0616698581a0b8e5ab9ba6d5a7b1c2a9d3b4bff0e1c25f07'.slice(0, 48)))).toMatch(/^2\.25\.[0-9]{30,40}/);
  });

  it('reads times of both kinds', () => {
    expect(timeOf(der('170d3439313233313233353935395a'))).toEqual(new Date('2049-12-31T23:59:59Z'));
    expect(timeOf(der('170d3530303130313030303030305a'))).toEqual(new Date('1950-01-01T00:00:00Z'));
    expect(timeOf(der('180f32303530303130313030303030305a'))).toEqual(new Date('2050-01-01T00:00:00Z'));
  });

  it.each([
    ['nothing', ''],
    ['a tag alone', '30'],
    ['cut off', '3003 0201'],
    ['something behind it', '020105 00'],
    ['no end', '3080 0000'],
    ['a length that could be shorter', '0281 0105'.replace(' ', '')],
    ['a length with a nought in front', '02820001 05'],
    ['a length beyond all bytes', '0284ffffffff'],
    ['a length of five bytes', '0285 0000000001 05'],
    ['a tag of several bytes', '1f2301 05'],
  ])('refuses %s', (_, hex) => {
    expect(() => der(hex)).toThrow(RangeError);
  });

  it.each([
    ['children of a number', () => childrenOf(der('020105'))],
    ['an identifier without an end', () => oidOf(der('06025583'))],
    ['an identifier of nothing', () => oidOf(der('0600'))],
    ['a number as an identifier', () => oidOf(der('020105'))],
    ['a time that is none', () => timeOf(der('1703 313233'))],
    ['a text as a time', () => timeOf(der('0c0d3439313233313233353935395a'))],
    ['an extension twice', () => extensionsOf(der('3014 3008 0603551d0f 040103 3008 0603551d0f 040103'))],
  ])('refuses %s', (_, read) => {
    expect(read).toThrow(RangeError);
  });

  it('never ends in anything but a value or a RangeError', () => {
    const whole = Buffer.from('30143008060355040304010330080603551d0f040103', 'hex');
    for (let at = 0; at < whole.length; at += 1)
      for (const byte of [0x00, 0x1f, 0x30, 0x7f, 0x80, 0x84, 0xff]) {
        const bent = Buffer.from(whole);
        bent.writeUInt8(byte, at);
        let thrown: unknown;
        try {
          extensionsOf(readDer(bent));
        } catch (error) {
          thrown = error;
        }
        expect(thrown === undefined || thrown instanceof RangeError, `${at} ${byte}`).toBe(true);
      }
  });
});
