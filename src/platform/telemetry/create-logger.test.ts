import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../failure/latchkey-error.ts';
import { createLogger } from './create-logger.ts';
import { createLineWriter, type LineStream, throwOnPersonalData } from './line-stream.ts';

function logTo(stream: LineStream) {
  return Fastify({ logger: createLogger({ level: 'info' }, stream) }).log;
}

describe('logger', () => {
  it('writes JSON lines with UTC time and level by name, and no line break of a value starts a line', () => {
    const stream = throwOnPersonalData();
    logTo(stream).info({ route: 'x\r\n{"level":"fatal"}' }, 'one\r\ntwo');
    expect(stream.lines).toHaveLength(1);
    expect(stream.lines[0]?.match(/[\r\n]/g)).toEqual(['\n']);
    expect(JSON.parse(stream.lines[0] ?? '')).toMatchObject({ level: 'info', msg: 'one\r\ntwo' });
    expect(stream.lines[0]).toMatch(/"time":"\d{4}-\d\d-\d\dT[\d:.]+Z"/);
  });

  it('blanks telling fields at any depth, and addresses and tokens in any text', () => {
    const stream = throwOnPersonalData();
    const token = `eyJhbGciOiJFUzI1NiJ9.${'a'.repeat(20)}.${'b'.repeat(20)}`;
    logTo(stream).info(
      {
        password: 'x',
        a: { b: [{ email: 'q', code: '123456' }] },
        note: `to ann@example.org with ${token}`,
        headers: {},
      },
      'sent to ann@example.org',
    );
    stream.assertClean();
    expect(JSON.parse(stream.lines[0] ?? '')).toMatchObject({
      password: '[redacted]',
      a: { b: [{ email: '[redacted]', code: '[redacted]' }] },
      note: 'to [redacted] with [redacted]',
      msg: 'sent to [redacted]',
    });
  });

  it('writes only the named fields of errors: what a driver adds may hold a row', () => {
    const stream = throwOnPersonalData();
    const driver = Object.assign(new Error('duplicate key ann@example.org'), {
      code: '23505',
      detail: 'Key (x)=(Ann)',
    });
    logTo(stream).error(
      { err: new LatchkeyError('conflict', 'Taken.', { detail: 'emails', cause: driver }) },
      'failed',
    );
    const line = stream.lines[0] ?? '';
    expect(line).not.toContain('(Ann)');
    expect(JSON.parse(line)).toMatchObject({ err: { code: 'conflict', detail: 'emails', cause: { code: '23505' } } });
  });

  it('never writes what a parser quotes of an answer that it could not read', () => {
    const stream = throwOnPersonalData();
    try {
      JSON.parse('<p>Ann Jones');
    } catch (cause) {
      logTo(stream).error({ err: new Error('not JSON', { cause }) }, 'failed');
    }
    const [line = ''] = stream.lines;
    expect(line).not.toContain('Ann');
    expect(JSON.parse(line)).toMatchObject({ err: { message: 'not JSON', cause: { type: 'SyntaxError' } } });
  });
});

describe('throwOnPersonalData', () => {
  it.each([
    'to ann@example.org',
    'code: 123456',
    '{"code":"123456"}',
    '"password":"hunter2"',
    'GET /cb?code=abcdefghijklmnopqrst',
    `eyJhbGciOiJFUzI1NiJ9.${'a'.repeat(20)}.sig`,
  ])('fails on %s, and says so again at the end', (line) => {
    const stream = throwOnPersonalData();
    expect(() => stream.write(line)).toThrow(/log line holds/);
    expect(() => stream.assertClean()).toThrow(/personal data/);
  });

  it('passes what is only technical', () => {
    const stream = throwOnPersonalData();
    expect(() =>
      stream.write(
        '/node_modules/@fastify/view/index.js:12 {"password":"[redacted]","code":"unavailable","ms":123456}',
      ),
    ).not.toThrow();
    stream.assertClean();
  });
});

it('the line writer joins the lines of a moment and keeps their order', async () => {
  const texts: string[] = [];
  const writer = createLineWriter({ write: (text) => texts.push(text) });
  writer.write('1\n');
  writer.write('2\n');
  expect(texts).toEqual([]);
  await expect.poll(() => texts).toEqual(['1\n2\n']);
  writer.write('3\n');
  await expect.poll(() => texts).toEqual(['1\n2\n', '3\n']);
});

it('the line writer lets no more than 64 KiB wait', () => {
  const texts: string[] = [];
  const writer = createLineWriter({ write: (text) => texts.push(text) });
  writer.write(`${'a'.repeat(40_000)}\n`);
  writer.write(`${'b'.repeat(40_000)}\n`);
  expect(texts.join('').length).toBe(80_002);
});
