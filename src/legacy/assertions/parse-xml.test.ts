import { describe, expect, it } from 'vitest';
import { parseXml, parseXmlBytes } from './parse-xml.ts';

describe('XML of somebody whom we do not trust', () => {
  it.each([
    '<a/>',
    '<?xml version="1.0"?><a/>',
    `<?xml version='1.0' encoding='utf-8'?>\n<a/>`,
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><a/>',
    '\uFEFF<a>&lt;&#x41;</a>',
  ])('is read: %s', (text) => {
    expect(parseXml(text)?.root.localName).toBe('a');
  });

  it.each([
    '',
    'a',
    '<a>',
    '<a></b>',
    '<a/><b/>',
    '<a/>b',
    '<a b=c/>',
    '<a b="1" b="2"/>',
    '<a>&b;</a>',
    '<a>\u0000</a>',
    '<a>\uFFFE</a>',
    '<x:a/>',
    '<!DOCTYPE a><a/>',
    '<?xml version="1.1"?><a/>',
    '<?xml version="1.0" encoding="UTF-7"?><a/>',
    '<?xml version="1.0"?><?xml version="1.0"?><a/>',
    '<a><!-- b --></a>',
    '<a><![CDATA[b]]></a>',
    '<a><?b?></a>',
  ])('E5: is not read: %j', (text) => {
    expect(parseXml(text)).toBeUndefined();
  });

  it('has comments only where they are expected, and never a document type', () => {
    expect(parseXml('<a><!-- b --><![CDATA[b]]></a>', { comments: 'dropped' })).toBeDefined();
    expect(parseXml('<!DOCTYPE a><a/>', { comments: 'dropped' })).toBeUndefined();
    expect(parseXml('<a><?b?></a>', { comments: 'dropped' })).toBeUndefined();
  });

  it('E5: is no longer, and no deeper, than it may be', () => {
    expect(parseXml('<a/>', { most: 3 })).toBeUndefined();
    expect(parseXml(`${'<a>'.repeat(60)}${'</a>'.repeat(60)}`)).toBeDefined();
    expect(parseXml(`${'<a>'.repeat(70)}${'</a>'.repeat(70)}`)).toBeUndefined();
  });

  it('E5 F24: has no more parts than can be looked at in a moment, unless it is no message', () => {
    const attributes = (count: number): string => Array.from({ length: count }, (_, at) => ` a${at}=""`).join('');
    expect(parseXml(`<a>${'<b/>'.repeat(2900)}</a>`)).toBeDefined();
    expect(parseXml(`<a>${'<b/>'.repeat(3100)}</a>`)).toBeUndefined();
    expect(parseXml(`<a${attributes(3100)}/>`)).toBeUndefined();
    expect(parseXml(`<a>${'<b/>'.repeat(3100)}</a>`, { nodes: Number.POSITIVE_INFINITY })).toBeDefined();
  });

  it('E5: is UTF-8', () => {
    expect(parseXmlBytes(Buffer.from('<a>zoë</a>'))?.root.textContent).toBe('zoë');
    expect(parseXmlBytes(Buffer.from('<a>zoë</a>', 'latin1'))).toBeUndefined();
  });
});
