import { describe, expect, it } from 'vitest';
import { type DistinguishedName, isNameOf, writeName } from './distinguished-name.ts';

const part = (type: string, value: string) => [{ type, value }];
const ANNA: DistinguishedName = [
  part('2.5.4.6', 'GB'),
  part('2.5.4.10', 'Old, cards & more'),
  part('2.5.4.3', 'Zoë "Z" Exämple'),
];

describe('names of people and authorities', () => {
  it('are written in three ways', () => {
    expect(writeName(ANNA, 'rfc4514')).toBe(String.raw`CN=Zoë \"Z\" Exämple,O=Old\, cards & more,C=GB`);
    expect(writeName(ANNA)).toBe(String.raw`CN=zoë \"z\" exämple,O=old\, cards & more,C=gb`);
    expect(writeName(ANNA, 'one-line')).toBe(String.raw`/C=GB/O=Old, cards & more/CN=Zo\xC3\xAB "Z" Ex\xC3\xA4mple`);
  });

  it.each([
    String.raw`CN=Zoë \"Z\" Exämple,O=Old\, cards & more,C=GB`,
    String.raw`cn=zoë \22Z\22 Ex\C3\A4mple, o=Old\2C cards & more, c=gb`,
    String.raw`2.5.4.3=Zoë \"Z\" Exämple;O=Old\, cards  & more;C=GB`,
    String.raw`/C=GB/O=Old, cards & more/CN=Zo\xC3\xAB "Z" Ex\xC3\xA4mple`,
  ])('M40: %s is the same name', (text) => {
    expect(isNameOf(text, ANNA)).toBe(true);
  });

  it.each([
    '',
    '/',
    ',',
    'CN',
    String.raw`C=GB,O=Old\, cards & more,CN=Zoë \"Z\" Exämple`,
    String.raw`CN=Zoë \"Z\" Exämple,O=Old\, cards & more`,
    String.raw`CN=Zoë \"Z\" Exämple,O=Old\, cards & more,C=GB,`,
    String.raw`CN=Zoë \"Z\" Exämple+O=Old\, cards & more,C=GB`,
    String.raw`CN=Zoe \"Z\" Example,O=Old\, cards & more,C=GB`,
    `CN=${' '.repeat(20_000)}x`,
  ])('M40: %s is another, or none', (text) => {
    expect(isNameOf(text, ANNA)).toBe(false);
  });

  it('backslashes and hex are read once', () => {
    expect(isNameOf(String.raw`CN=a\\41`, [part('2.5.4.3', String.raw`a\41`)])).toBe(true);
    expect(isNameOf(String.raw`CN=a\41`, [part('2.5.4.3', 'aA')])).toBe(true);
    expect(isNameOf(String.raw`CN=\ a`, [part('2.5.4.3', 'a')])).toBe(true);
  });

  it('parts of one place have no order', () => {
    const both = [
      { type: '2.5.4.3', value: 'Anna' },
      { type: '0.9.2342.19200300.100.1.1', value: '17' },
    ];
    expect(isNameOf('UID=17+CN=Anna', [both])).toBe(true);
    expect(isNameOf('CN=Anna+UID=17', [both])).toBe(true);
    expect(isNameOf('CN=Anna,UID=17', [both])).toBe(false);
  });

  it('LA06: what looks like another part is escaped', () => {
    const names = ['a,OU=b', 'a+OU=b', 'a;OU=b', String.raw`a\,OU=b`, ' a', 'a ', '#a', 'a\n'].map((value) =>
      writeName([part('2.5.4.3', value)], 'rfc4514'),
    );
    expect(names).toEqual([
      String.raw`CN=a\,OU=b`,
      String.raw`CN=a\+OU=b`,
      String.raw`CN=a\;OU=b`,
      String.raw`CN=a\\\,OU=b`,
      String.raw`CN=\ a`,
      String.raw`CN=a\ `,
      String.raw`CN=\#a`,
      String.raw`CN=a\0A`,
    ]);
  });
});
