import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LegacyFault } from '../legacy-fault.ts';
import { readMessage } from './messages.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

function outcomeOf(bytes: Buffer): string {
  try {
    return readMessage(bytes).message.kind;
  } catch (error) {
    return error instanceof LegacyFault ? 'a fault' : 'something else';
  }
}

describe('readMessage', () => {
  it('reads a bind that succeeded', () => {
    expect(readMessage(hex('300c 020102 6107 0a0100 0400 0400'))).toEqual({
      id: 2,
      message: { kind: 'bound', result: { code: 0, diagnostic: '', policy: {} } },
    });
  });

  it('reads the control of a password policy: error, and days that are left', () => {
    const withValue = (value: string): Buffer => {
      const octets = `04${(value.length / 2).toString(16).padStart(2, '0')}${value}`;
      const control = `0419${Buffer.from('1.3.6.1.4.1.42.2.27.8.5.1').toString('hex')}${octets}`;
      const length = (text: string): string => (text.length / 2).toString(16).padStart(2, '0');
      const controls = `30${length(control)}${control}`;
      const body = `02010261070a013104000400a0${length(controls)}${controls}`;
      return hex(`30${length(body)}${body}`);
    };
    expect(readMessage(withValue('3003810101')).message).toMatchObject({ result: { code: 49, policy: { error: 1 } } });
    expect(readMessage(withValue('3006a00480020e10')).message).toMatchObject({
      result: { policy: { secondsLeft: 3600 } },
    });
  });

  it.each([
    ['a bind without a result, which is not success', '3005 020102 6100'],
    ['a bind whose result is cut off', '3008 020102 6103 0a0100'],
    ['an attribute whose length reaches beyond its entry', '3011 020102 640c 0400 3008 3006 040161 317f 0401'],
    ['a length that has no end', '3080 020102 6107 0a0100 0400 0400 0000'],
    ['a length of eight bytes', '3088 0000000000000005 020102 6100'],
    ['a number of five bytes', '3010 0205 0000000002 6107 0a0100 0400 0400'],
    ['nothing', ''],
    ['an operation that nobody asked for', '3005 020102 6600'],
  ])('refuses %s', (_what, bytes) => {
    expect(() => readMessage(hex(bytes))).toThrow(LegacyFault);
  });

  it('comes back from anything, with a message or a fault', () => {
    const tags = fc.constantFrom(0x30, 0x31, 0x02, 0x04, 0x0a, 0x61, 0x64, 0x65, 0x78, 0xa0, 0x80, 0x81, 0x84, 0xff);
    fc.assert(
      fc.property(fc.array(fc.oneof(tags, fc.nat(255)), { maxLength: 60 }), (bytes) => {
        expect(outcomeOf(Buffer.from(bytes))).not.toBe('something else');
      }),
      { numRuns: 2000 },
    );
  });
});
