import { TOTP } from 'otpauth';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { codesInHand } from '../../demo/stand-ins/exported/codes-in-hand.ts';
import { EXPORTED_ON, type ExportedSource, SECRETS_OF_EXPORTS } from '../../demo/stand-ins/exported/exported-source.ts';
import { knownFacts } from '../../demo/stand-ins/exported/known-facts.ts';
import { AdapterSettings } from '../../src/legacy/index.ts';
import { PASSWORD } from '../support/legacy-servers/people.ts';
import { exportedSystem, type ExportedSystem } from '../support/legacy-records.ts';

const all: readonly ExportedSource[] = [...knownFacts, ...codesInHand];

/** What anna types into a field, from what she is told on the page of the demo. */
const HAND: Record<string, string> = {
  password: PASSWORD,
  pin: '246810',
  answer1: 'St David’s',
  answer2: 'Ysgol Gyfun Gŵyr',
  dateOfBirth: '29 February 1984',
  nino: 'AB 12 34 56 C',
  postcode: 'SA48 8AA',
  nationality: 'Irish',
};

function typed(name: string, { method }: ExportedSource, { sent }: ExportedSystem): string {
  if (name.startsWith('character')) return 'Llanfairpwll'[Number(name.slice('character'.length)) - 1] ?? '';
  if (name.startsWith('cell'))
    return String(10 + (Number(name.slice(5)) - 1) * 5 + 'ABCDE'.indexOf(name.charAt('cell'.length)));
  if (name !== 'code') return HAND[name] ?? '';
  if (method === 'M37') return new TOTP({ secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' }).generate();
  return method === 'M38' ? '755224' : (sent.at(-1)?.code ?? '');
}

describe('the sources of the demo that need no old system', () => {
  it.each(all)('$method: anna signs in with what she is told', async (source) => {
    const { login, adapter, method: _, tell: __, ...row } = source;
    const system = exportedSystem({
      settings: adapter,
      rows: [{ accountKey: '4711', login, password: PASSWORD, ...row }],
    });
    let answer: Awaited<ReturnType<ExportedSystem['answer']>> = await system.open();
    for (let round = 0; answer.outcome === 'asks' && round < 4; round += 1) {
      const fields = answer.prompt.fields.map(({ name }) => [
        name,
        name === 'login' ? login : typed(name, source, system),
      ]);
      answer = await system.answer(Object.fromEntries(fields), answer.state);
    }
    expect(answer).toMatchObject({ outcome: 'identified', identity: { accountKey: '4711' } });
  });

  it.each(all)('$method: its settings are enough as JSON, and hold no secret', ({ adapter }) => {
    const settings: unknown = JSON.parse(JSON.stringify(adapter));
    expect(Value.Check(AdapterSettings, settings)).toBe(true);
    expect(Value.Check(AdapterSettings, { ...adapter, unknown: 1 })).toBe(false);
    expect(Value.Check(AdapterSettings, { ...adapter, exportedOn: undefined })).toBe(false);
    const named = JSON.stringify(adapter).match(/"(?:positions|key)Secret":"[^"]*"/g) ?? [];
    for (const each of named) expect(SECRETS_OF_EXPORTS.some((name) => each.endsWith(`"${name}"`))).toBe(true);
    expect(adapter).toMatchObject({ exportedOn: EXPORTED_ON });
  });
});
