import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChangingOldSystem, changingOldSystem } from '../support/changing-old-system.ts';
import { rentPortal, ssha512Of } from '../support/legacy-estate.ts';
import { heading, type House, look, openHouse, PASSWORD, press } from './harness.ts';

const CHANGED = 'set at the old site last week';
const by = { actor: 'operator:amy' };

describe('an old account whose system still runs', () => {
  let house: House;
  let old: ChangingOldSystem;
  beforeAll(async () => {
    [house, old] = await Promise.all([openHouse(), changingOldSystem()]);
    const policy = { version: 2, proofs: ['old-password', 'old-sign-in'], assurance: 'Cl' };
    const added = await house.app.house.migration.sources.add(rentPortal({ adapter: old.adapter, policy }), by);
    if (added.outcome !== 'updated') throw new Error(JSON.stringify(added));
    for (const login of ['anna', 'bert']) {
      await house.importOld([{ id: login.toUpperCase(), login, hash: ssha512Of(PASSWORD) }]);
      old.people.set(login, { id: login.toUpperCase(), password: CHANGED });
    }
  }, 60_000);
  afterAll(async () => {
    await house.close();
    await old.stop();
  });

  async function typeOld(
    login: string,
    password: string,
    options: Parameters<House['visitor']>[0] = {},
  ): Promise<Page> {
    const page = await (await house.visitor(options)).newPage();
    await page.goto(`${house.rent.origin}/start?old_source=rent-portal`);
    await press(page, /Continue|Parhau/);
    await page.locator('[name=login]').fill(login);
    await page.locator('[name=password]').fill(password);
    await press(page, /Continue|Parhau/);
    return page;
  }

  it('F21: is brought over with the password that was changed there; the exported one is wrong', async () => {
    const page = await typeOld('anna', PASSWORD, { javaScriptEnabled: false });
    expect(await page.locator('.govuk-error-summary').innerText()).toContain('do not match');
    await page.locator('[name=password]').fill(CHANGED);
    await press(page, 'Continue');
    await page.getByLabel('Email address').fill('anna@example.org');
    await press(page, 'Send me a code');
    await page.getByLabel('Code').fill(await house.codeFrom('anna@example.org'));
    await press(page, 'Continue');
    await press(page, 'Confirm and continue');
    expect(await heading(page)).toBe('Signed in to Rent support');
    const { accounts } = house.app.house;
    expect(await accounts.checkPassword('anna@example.org', CHANGED)).toMatchObject({ outcome: 'match' });
  });

  it('F24: an outage there is said as one, in both languages, and never as a wrong password', async () => {
    old.isAway = true;
    const page = await typeOld('bert', PASSWORD, { javaScriptEnabled: false });
    expect(await page.locator('.govuk-error-summary').count()).toBe(0);
    expect(await page.locator('main').innerText()).toContain('does not answer at the moment');
    const looked = await typeOld('bert', PASSWORD);
    await look(looked, 'old-side-away');
    old.isAway = false;
  });
});
