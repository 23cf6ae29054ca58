import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rentPortal } from '../support/legacy-estate.ts';
import { signedIn } from './account-visitor.ts';
import { openHouse, PASSWORD, press, type House } from './harness.ts';

/** The memorable word of somebody who is not there: everybody is asked, and everybody is wrong. */
describe('refused after a second question', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse({ sourceSecrets: { positions: 'a key that only these tests know' } });
    const { file } = rentPortal();
    const definition = rentPortal({
      source: 'parking-permits',
      name: { en: 'Parking Permits', cy: 'Trwyddedau Parcio' },
      sectors: [],
      subjects: 'none',
      file: { ...(file as object), extras: { word: 'word' } },
      adapter: {
        family: 'knowledge',
        method: 'M25',
        alongside: 'password',
        exportedOn: '2026-01-01',
        held: { as: 'text', column: 'word' },
        shortest: 6,
        asked: 2,
        tries: 5,
        positionsSecret: 'positions',
        limits: { floorMs: 0 },
      },
      policy: { version: 2, proofs: ['old-sign-in'], assurance: 'Cl' },
    });
    const added = await house.app.house.migration.sources.add(definition, { actor: 'operator:test' });
    if (added.outcome !== 'updated') throw new Error(JSON.stringify(added));
  }, 120_000);
  afterAll(() => house.close());

  async function answerBoth(page: Page): Promise<void> {
    await page.getByLabel('User name').fill('nobody');
    await page.getByLabel('Old password', { exact: true }).fill(PASSWORD);
    await press(page, 'Continue');
    await page
      .getByLabel(/Character \d/)
      .first()
      .waitFor();
    for (const box of await page.getByLabel(/Character \d/).all()) await box.fill('x');
    await press(page, 'Continue');
  }

  /** What the page says is wrong, and how many boxes it has for either question. */
  const shown = async (page: Page) => ({
    problem: (await page.getByRole('alert').innerText()).split('\n', 1)[0],
    first: await page.getByLabel('Old password', { exact: true }).count(),
    second: await page.getByLabel(/Character \d/).count(),
  });
  const firstQuestion = { problem: 'There is a problem', first: 1, second: 0 };

  it('begins anew at a first sign-in, and says why', async () => {
    const page = await (await house.visitor({ javaScriptEnabled: false })).newPage();
    await page.goto(`${house.rent.origin}/start?old_source=parking-permits`);
    await press(page, 'Continue');
    await answerBoth(page);
    expect(await shown(page)).toEqual(firstQuestion);
    await answerBoth(page);
    expect(await shown(page)).toEqual(firstQuestion);
  });

  it('begins anew where an old account is added', async () => {
    await house.account('olwen@example.org', PASSWORD);
    const page = await signedIn(house, 'olwen@example.org', { javaScriptEnabled: false });
    await page.goto(`${house.issuer}/account/old-accounts/add`);
    await page.getByLabel('Parking Permits').check();
    await press(page, 'Continue');
    await answerBoth(page);
    expect(await shown(page)).toEqual(firstQuestion);
    await answerBoth(page);
    expect(await shown(page)).toEqual(firstQuestion);
  });
});
