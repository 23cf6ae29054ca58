import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketOf } from '../../src/migration/cutover/route-of.ts';
import type { Role } from '../../src/operators/access/permissions.ts';
import { rentPortal, ssha512Of } from '../support/legacy-estate.ts';
import { signInBySession, testOperator } from '../support/operators.ts';
import { type SidesDesk, sidesDesk } from '../support/sides-desk.ts';
import { signedIn } from './account-visitor.ts';
import { heading, type House, look, openHouse, PASSWORD, press } from './harness.ts';

let house: House;
let world: SidesDesk;
let olwen: Page;
let bryn: Page;
const by = { actor: 'operator:amy' };
const PAGE = '/operators/systems/rent-portal/sides';

beforeAll(async () => {
  house = await openHouse();
  world = await sidesDesk(() => house.app.house);
  const added = await house.app.house.migration.sources.add(rentPortal(world.changes), by);
  if (added.outcome !== 'updated') throw new Error(JSON.stringify(added));
  olwen = await operator('olwen', ['migrator']);
  bryn = await operator('bryn', ['approver']);
}, 60_000);
afterAll(async () => {
  await house.close();
  await world.old.stop();
});

async function operator(handle: string, roles: readonly Role[], options = {}): Promise<Page> {
  const context = await house.visitor(options);
  await signInBySession(context, house.issuer, await testOperator(house.app.house, { roles, handle }));
  return context.newPage();
}

const sides = () => house.app.house.migration.sideBySide;
const go = (page: Page, path: string): Promise<unknown> => page.goto(`${house.issuer}${path}`);
const main = (page: Page): Promise<string> => page.locator('main').innerText();

/** Looks at it in both languages. */
async function lookTwice(page: Page, path: string, name: string): Promise<void> {
  await go(page, `${path}?lng=cy`);
  await look(page, `${name}-cy`);
  await go(page, `${path}?lng=en`);
  await look(page, name);
}

describe('operators', () => {
  it('say who is believed, compare, and plan a cut-over', async () => {
    await go(olwen, PAGE);
    await look(olwen, 'sides-before');
    await olwen.getByRole('link', { name: 'Change who is believed' }).click();
    await olwen.getByRole('group', { name: 'Password' }).getByLabel('What we hold').check();
    await look(olwen, 'sides-authority');
    await press(olwen, 'Change');
    expect(await main(olwen)).toContain('What was imported counts for everybody');
    await press(olwen, 'Begin to compare');
    expect(await main(olwen)).toContain('The old side serves everybody');
    await house.app.house.db.query({
      text: `INSERT INTO shadow_counts (source, hour, what, n)
             SELECT 'rent-portal', now(), what, n
             FROM (VALUES ('both-yes', 1870), ('both-no', 212), ('old-only', 60), ('new-only', 4), ('old-away', 9),
                          ('moved', 33), ('differs:password', 41), ('differs:missing', 19), ('differs:email', 230),
                          ('differs:phone', 12), ('differs:status', 4)) AS t (what, n)`,
    });
    await lookTwice(bryn, PAGE, 'sides-shadow');
    await go(olwen, PAGE);
    await press(olwen, 'Stop comparing');
    await olwen.getByRole('link', { name: 'Plan a cut-over' }).click();
    await olwen.getByLabel('Steps, in percent of the people').fill('50, 5');
    await press(olwen, 'Put this plan on record');
    expect(await olwen.locator('.govuk-error-summary').innerText()).toContain('each more than the one before');
    await look(olwen, 'sides-plan-error');
    await olwen.getByLabel('Steps, in percent of the people').fill('50, 100');
    await lookTwice(await operator('dewi', ['migrator']), `${PAGE}/plan`, 'sides-plan');
    await press(olwen, 'Put this plan on record');
    await press(olwen, 'One step further');
    expect(await main(olwen)).toContain('The new side serves 50% of the people: step 1 of 2.');
    await look(olwen, 'sides-too-early');
  });

  it('see how a step goes, in a figure and in numbers', async () => {
    await world.came('rent-portal', 'good', 52);
    await world.came('rent-portal', 'failed', 6);
    await world.came('rent-portal', 'good', 90, { side: 'old', ms: 180 });
    await world.came('rent-portal', 'failed', 6, { side: 'old', ms: 180 });
    await sides().cutover.complain('rent-portal', by);
    await lookTwice(olwen, PAGE, 'sides-well');
    expect(await main(olwen)).toContain('It goes well.');
    expect(await olwen.locator('main svg.lk-chart--wide:visible, main svg.lk-chart--narrow:visible').count()).toBe(1);
    await world.came('rent-portal', 'failed', 24);
    await lookTwice(olwen, PAGE, 'sides-broken');
  });

  it('see why it went back by itself', async () => {
    await sides().cutover.evaluate();
    await lookTwice(olwen, PAGE, 'sides-stopped');
    expect(await main(olwen)).toContain('It went one step back by itself');
    // Those were given "soon": the next step would begin with them.
    await house.app.house.db.query({ text: 'DELETE FROM cutover_counts' });
    await press(olwen, 'One step further');
  });

  it('L17: go on anyway by two people, with the keyboard and without JavaScript', async () => {
    const plain = await operator('plain', ['migrator'], { javaScriptEnabled: false });
    await go(plain, PAGE);
    await plain.getByText('One step further anyway …').click();
    await plain.locator('#ask-anyway-evidence').fill('short');
    await plain.getByRole('button', { name: 'One step further anyway' }).click();
    expect(await plain.locator('.govuk-error-summary').innerText()).toContain('at least ten characters');
    await plain.locator('#ask-anyway-evidence').fill('Three people a day: agreed with the department, ticket 4711.');
    await plain.getByRole('button', { name: 'One step further anyway' }).click();
    expect(await main(plain)).toContain('You asked for this');
    await lookTwice(bryn, PAGE, 'sides-requested');
    expect(await main(bryn)).toContain('ticket 4711');
    await bryn.getByRole('button', { name: 'Approve: one step further anyway' }).focus();
    await bryn.keyboard.press('Enter');
    await bryn.waitForURL(`**${PAGE}`);
    expect(await main(bryn)).toContain('The new side serves 100% of the people: step 2 of 2.');
    await press(olwen, 'One step back');
  });
});

describe('a citizen whose old account is refused', () => {
  const OFFER = 'My details are right, this does not work';
  /** Somebody whom the cut-over has reached, or has not. */
  const nameOf = (isMoved: boolean, stem: string): string => {
    for (let n = 0; ; n += 1)
      if (bucketOf(house.app.house.keyRing, 'rent-portal', `${stem}${n}`) < 5000 === isMoved) return `${stem}${n}`;
  };
  const complaints = async (): Promise<number> => (await sides().cutover.status('rent-portal')).sides.complaints;

  async function refusedAt(source: string, login: string, options = {}): Promise<Page> {
    const page = await (await house.visitor(options)).newPage();
    await page.goto(`${house.rent.origin}/start?old_source=${source}`);
    await press(page, /Continue|Parhau/);
    expect(await page.getByRole('button', { name: OFFER }).count(), 'before any attempt').toBe(0);
    await page.locator('[name=login]').fill(login);
    await page.locator('[name=password]').fill('not the password at all');
    await press(page, /Continue|Parhau/);
    return page;
  }

  it('says in one press that their details are right, is thanked and shown what else there is, and is counted', async () => {
    const login = nameOf(true, 'anna');
    await house.importOld([{ id: login.toUpperCase(), login, hash: ssha512Of(PASSWORD) }]);
    const page = await refusedAt('rent-portal', login, { javaScriptEnabled: false });
    expect(await main(page)).toContain('Are your details right?');
    const before = await complaints();
    await press(page, OFFER);
    expect(await page.locator('.govuk-notification-banner').innerText()).toContain('Thank you for telling us');
    expect(await page.getByRole('button', { name: OFFER }).count(), 'once in a journey').toBe(0);
    await expect.poll(complaints).toBe(before + 1);
    await page.getByRole('link', { name: 'create an account now' }).click();
    expect(await heading(page)).toBe('Create an account');
    await page.goBack();
    await page.locator('[name=login]').fill(login);
    await page.locator('[name=password]').fill(PASSWORD);
    await press(page, 'Continue');
    expect(await heading(page)).toBe('Your email address');
  });

  it('A11: is offered the same in the same words, whoever serves them and whether or not there is such a name', async () => {
    const known = nameOf(false, 'bert');
    await house.importOld([{ id: known.toUpperCase(), login: known, hash: ssha512Of(PASSWORD) }]);
    const seen = new Set<string>();
    for (const login of [known, nameOf(false, 'nobody'), nameOf(true, 'anybody')]) {
      const page = await refusedAt('rent-portal', login);
      const refused = (await main(page)).replaceAll(login, '');
      await press(page, OFFER);
      seen.add(refused + (await main(page)).replaceAll(login, ''));
    }
    expect(seen.size).toBe(1);
  });

  it('is not counted without an attempt of this very journey, nor at a service of which nobody moves', async () => {
    const other = await refusedAt('parking-permits', 'anna');
    expect(await other.getByRole('button', { name: OFFER }).count()).toBe(0);
    const page = await (await house.visitor()).newPage();
    await page.goto(`${house.rent.origin}/start?old_source=rent-portal`);
    await press(page, 'Continue');
    const before = await complaints();
    await page.evaluate(() => {
      const form = document.querySelector<HTMLFormElement>('main form');
      form?.insertAdjacentHTML('beforeend', '<input type="hidden" name="complain" value="yes">');
      form?.submit();
    });
    await page.locator('.govuk-notification-banner').waitFor();
    expect(await complaints()).toBe(before);
  });

  it('reads it in Welsh, and axe finds nothing', async () => {
    const page = await refusedAt('rent-portal', nameOf(true, 'carys'), { locale: 'cy' });
    await go(page, `${new URL(page.url()).pathname}?lng=cy`);
    await look(page, 'complain-cy');
    await press(page, 'Mae fy manylion yn gywir, nid yw hyn yn gweithio');
    expect(await page.locator('.govuk-notification-banner').innerText()).toContain('Diolch am ddweud wrthym');
    await look(page, 'complained-cy');
    const english = await refusedAt('rent-portal', nameOf(true, 'dora'));
    await look(english, 'complain');
    await press(english, OFFER);
    await look(english, 'complained');
  });

  it('says so as well where an old account is added to an account', async () => {
    await house.account('erin@example.org', PASSWORD);
    const page = await signedIn(house, 'erin@example.org');
    await go(page, '/account/old-accounts/add');
    await page.getByLabel('Rent Portal').check();
    await press(page, 'Continue');
    const answer = async (): Promise<void> => {
      await page.locator('[name=login]').fill(nameOf(true, 'frank'));
      await page.locator('[name=password]').fill('not the password at all');
      await press(page, 'Continue');
    };
    await answer();
    await press(page, OFFER);
    expect(await page.locator('.govuk-notification-banner').innerText()).toContain('Thank you for telling us');
    await look(page, 'complained-adding');
    await answer();
    expect(await page.getByRole('button', { name: OFFER }).count(), 'once').toBe(0);
    expect(await page.locator('.govuk-error-summary').innerText()).toContain('do not match');
  });
});
