import { afterAll, beforeAll, expect, it } from 'vitest';
import { rentPortal } from '../support/legacy-estate.ts';
import { openHouse, type House } from './harness.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse({ sourceSecrets: { client: 'of a partner that is never asked' } });
  const definition = rentPortal({
    source: 'partner',
    adapter: {
      family: 'oidc',
      method: 'M20',
      issuer: 'https://partner.test',
      clientId: 'latchkey',
      authentication: { kind: 'client_secret_post', secret: 'client' },
    },
    policy: { version: 1, proofs: ['redirect-assertion'], assurance: 'Cl' },
  });
  const added = await house.app.house.migration.sources.add(definition, { actor: 'operator:test' });
  if (added.outcome !== 'added') throw new Error(JSON.stringify(added));
}, 120_000);
afterAll(() => house.close());

it('what one network posts across sites to be kept is bounded, long posts more than short ones', async () => {
  const post = async (characters: number): Promise<number> => {
    const form = new URLSearchParams({ state: `someone.${'h'.repeat(36)}`, code: 'x'.repeat(characters) });
    const url = `${house.issuer}/old-sign-in/partner`;
    const answer = await fetch(url, { method: 'POST', body: form, redirect: 'manual' });
    await answer.arrayBuffer();
    return answer.status;
  };
  const long: number[] = [];
  for (let posts = 0; posts < 63; posts += 1) long.push(await post(70_000));
  expect(long.filter((status) => status === 303)).toHaveLength(60);
  expect(long.at(-1)).toBe(429);
  expect(await post(10)).toBe(303);
});
