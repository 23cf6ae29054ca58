import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ssha512Of } from '../support/legacy-estate.ts';
import { signedIn } from './account-visitor.ts';
import { heading, look, openHouse, PASSWORD, press, type House } from './harness.ts';

describe('old accounts: added, seen and removed', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse();
    await house.importOld([
      { id: 'R-1', login: 'gwen', hash: ssha512Of('gwen-1999'), email: 'gwen@old.example', name: 'Gwen Hughes' },
      { id: 'R-2', login: 'gwen2', hash: ssha512Of('gwen-2001') },
      { id: 'R-3', login: 'elen', hash: ssha512Of('elen-1999') },
      { id: 'R-4', login: 'plain', hash: ssha512Of('plain-1999') },
      { id: 'R-5', login: 'first', hash: ssha512Of('first-1999') },
    ]);
    for (const who of ['gwen', 'elen', 'plain', 'other']) await house.account(`${who}@example.org`, PASSWORD);
  });
  afterAll(() => house.close());

  async function prove(page: Page, login: string, password: string): Promise<void> {
    await page.getByLabel('User name').fill(login);
    await page.getByLabel('Old password', { exact: true }).fill(password);
    await press(page, 'Continue');
  }

  async function add(page: Page, login: string, password: string): Promise<void> {
    await page.goto(`${house.issuer}/account/old-accounts/add`);
    await page.getByLabel('Rent Portal').check();
    await press(page, 'Continue');
    await prove(page, login, password);
    await press(page, 'Add this old account');
    expect(await heading(page)).toBe('Old account added');
  }

  async function remove(page: Page): Promise<void> {
    await page.goto(`${house.issuer}/account/old-accounts`);
    await page
      .getByRole('link', { name: /^Remove/ })
      .first()
      .click();
    await page.getByLabel('I do not want it here any more').check();
    await press(page, 'Remove this old account');
    expect(await heading(page)).toBe('Old account removed');
  }

  async function subAt(page: Page, service: House['rent']): Promise<string> {
    await page.goto(`${service.origin}/start`);
    return page.locator('#sub').innerText();
  }

  it('E2: adds an old account by name, user name and password; a screen names both sides; both are told', async () => {
    const page = await signedIn(house, 'gwen@example.org');
    await page.getByRole('link', { name: 'Add an old account' }).click();
    await look(page, 'add-choose');
    await press(page, 'Continue');
    await look(page, 'add-choose-error');
    await page.getByLabel('Rent Portal').check();
    await press(page, 'Continue');
    await look(page, 'add-details');
    await prove(page, 'gwen', '');
    await look(page, 'add-details-error');
    await prove(page, 'gwen', 'not it');
    await look(page, 'add-details-wrong');
    expect(await page.getByLabel('User name').inputValue(), 'what was typed stays').toBe('gwen');
    await prove(page, 'gwen', 'gwen-1999');
    expect(await heading(page)).toBe('Check what will happen');
    await look(page, 'add-confirm');
    const text = await page.locator('main').innerText();
    for (const part of ['Rent Portal', 'gwen', 'Gwen Hughes', 'gwen@example.org', 'Rent support will know you by your'])
      expect(text).toContain(part);
    await press(page, 'Add this old account');
    expect(await heading(page)).toBe('Old account added');
    await look(page, 'add-done');
    for (const address of ['gwen@example.org', 'gwen@old.example'])
      expect((await house.mail(address)).subject).toBe('An old account has been added to a Latchkey account');
    expect(await subAt(page, house.rent), 'the service knows its person again').toBe('R-1');

    await page.goto(`${house.issuer}/account`);
    await look(page, 'account-with-old-accounts');
    await page.getByRole('link', { name: 'See and remove old accounts' }).click();
    await look(page, 'old-accounts');
    const list = await page.locator('main').innerText();
    for (const part of ['Rent Portal', 'by its user name and password', 'Rent support knows you by it'])
      expect(list).toContain(part);
    await page.getByRole('link', { name: /^Why is this here\? \(Rent Portal, / }).click();
    await look(page, 'old-account-why');
    const why = await page.locator('main').innerText();
    for (const part of ['Control of the old account:', 'Control of your Latchkey account:', 'version 1 of the rules'])
      expect(why).toContain(part);
    expect(why, 'no id of the old system').not.toContain('R-1');
  });

  it('E1: several of one system are normal; a service that knows the citizen goes on as it did', async () => {
    const page = await signedIn(house, 'gwen@example.org');
    await page.goto(`${house.issuer}/account/old-accounts/add`);
    await page.getByLabel('Rent Portal').check();
    await press(page, 'Continue');
    await prove(page, 'gwen2', 'gwen-2001');
    expect(await page.locator('main').innerText()).toContain('goes on knowing you as it does now');
    await press(page, 'Add this old account');
    await page.getByRole('link', { name: 'Back to your old accounts' }).click();
    await look(page, 'old-accounts-two');
    expect(await page.locator('.govuk-summary-card').count()).toBe(2);
    expect(await subAt(page, house.rent)).toBe('R-1');
  });

  it('A11: an old account that somebody has already reads as wrong details', async () => {
    const page = await signedIn(house, 'other@example.org');
    await page.goto(`${house.issuer}/account/old-accounts/add`);
    await page.getByLabel('Rent Portal').check();
    await press(page, 'Continue');
    await prove(page, 'gwen', 'gwen-1999');
    expect(await page.locator('.govuk-error-summary').innerText()).toContain('do not match an old account');
  });

  it('removes it after saying what happens, ends other sessions, tells every contact; proving it brings it back', async () => {
    const page = await signedIn(house, 'other@example.org');
    const derived = await subAt(page, house.fishing);
    await add(page, 'first', 'first-1999');
    await house.mail('other@example.org');
    expect(await subAt(page, house.rent)).toBe('R-5');
    const elsewhere = await signedIn(house, 'other@example.org');
    await page.goto(`${house.issuer}/account/old-accounts`);
    await page.getByRole('link', { name: /^Remove/ }).click();
    await look(page, 'old-account-remove');
    expect(await page.locator('main').innerText()).toContain('Rent support no longer knows you by it');
    await press(page, 'Remove this old account');
    await look(page, 'old-account-remove-error');
    await page.getByLabel('It was added by mistake').check();
    await press(page, 'Remove this old account');
    expect(await heading(page)).toBe('Old account removed');
    await look(page, 'old-account-removed');
    const told = await house.mail('other@example.org');
    expect(told.subject).toBe('An old account has been removed from a Latchkey account');
    expect(told.body, 'how to stop it').toContain('If it was not you, set a new password at once');
    await elsewhere.goto(`${house.issuer}/account`);
    expect(await heading(elsewhere), 'LA02').toBe('Sign in to Your account');
    await page.goto(`${house.issuer}/account`);
    expect(await heading(page), 'this browser too').toBe('Sign in to Your account');
    const after = await signedIn(house, 'other@example.org');
    expect(await subAt(after, house.rent), 'the old id is nobody’s now').not.toBe('R-5');
    expect(await subAt(after, house.fishing), 'other services notice nothing').toBe(derived);
    await after.goto(`${house.issuer}/account/old-accounts`);
    await look(after, 'old-accounts-none');
    await add(after, 'first', 'first-1999');
  });

  it('L15: the password that came with the first old account stays when the account is removed, and says so', async () => {
    await house.importOld([{ id: 'R-6', login: 'only', hash: ssha512Of('only-1999 only-1999') }]);
    const page = await (await house.visitor()).newPage();
    await page.goto(`${house.rent.origin}/start`);
    await page.getByRole('link', { name: 'I have an old account' }).click();
    await page.getByLabel('Rent Portal').check();
    await press(page, 'Continue');
    await prove(page, 'only', 'only-1999 only-1999');
    await page.getByLabel('Email address').fill('only@example.org');
    await press(page, 'Send me a code');
    await page.getByLabel('Code').fill(await house.codeFrom('only@example.org'));
    await press(page, 'Continue');
    await press(page, 'Confirm and continue');
    await page.goto(`${house.issuer}/account/old-accounts`);
    await page.getByRole('link', { name: /^Remove/ }).click();
    await look(page, 'old-account-remove-last-way-in');
    expect(await page.locator('main').innerText()).toContain('is your way in: it cannot be removed and stays');
    await remove(page);
    const again = await signedIn(house, 'only@example.org', { password: 'only-1999 only-1999' });
    expect(await heading(again)).toBe('Your account');
  });

  it('LA17: what two of the staff removed, its owner brings back within seven days', async () => {
    await house.importOld([{ id: 'R-7', login: 'undone', hash: ssha512Of('undone-1999') }]);
    const accountId = await house.account('undone@example.org', PASSWORD);
    const page = await signedIn(house, 'undone@example.org');
    await add(page, 'undone', 'undone-1999');
    await house.mail('undone@example.org');
    const { links, operatorRequests } = house.app.house.migration;
    const [link] = await links.list(accountId);
    for (const operator of ['operator:ann', 'operator:bob'])
      await operatorRequests.undo(link?.linkId ?? '', {
        meta: { actor: operator },
        evidence: 'letter seen',
        reason: 'mistake',
      });
    await page.goto(`${house.issuer}/account/old-accounts`);
    await look(page, 'old-accounts-removed-by-staff');
    await page.getByRole('link', { name: /^Bring it back/ }).click();
    await look(page, 'old-account-bring-back');
    await press(page, 'Bring it back');
    expect(await heading(page)).toBe('Why Rent Portal is here');
    await look(page, 'old-account-why-brought-back');
    expect((await house.mail('undone@example.org')).subject).toBe(
      'An old account has been brought back to a Latchkey account',
    );
    expect(await subAt(page, house.rent)).toBe('R-7');
  });

  it('L13: two people who proved one old account: one has it, the other is refused plainly and told nothing', async () => {
    await house.importOld([{ id: 'R-8', login: 'joint', hash: ssha512Of('joint-1999') }]);
    const pages: Page[] = [];
    for (const who of ['joint-one', 'joint-two']) {
      await house.account(`${who}@example.org`, PASSWORD);
      const page = await signedIn(house, `${who}@example.org`);
      await page.goto(`${house.issuer}/account/old-accounts/add`);
      await page.getByLabel('Rent Portal').check();
      await press(page, 'Continue');
      await prove(page, 'joint', 'joint-1999');
      pages.push(page);
    }
    for (const page of pages) await press(page, 'Add this old account');
    const [winner, loser] = pages;
    if (!winner || !loser) throw new Error('two people');
    expect(await heading(winner)).toBe('Old account added');
    expect(await heading(loser)).toBe('We could not add the old account');
    await look(loser, 'add-refused');
    const text = await loser.locator('main').innerText();
    expect(text).toContain('Nothing has been changed');
    expect(text).not.toContain('joint-one');
  });

  it('asks for the password again when it was entered long ago', async () => {
    const page = await signedIn(house, 'plain@example.org');
    house.clock.aheadMs = 6 * 60 * 1000;
    await page.goto(`${house.issuer}/account/old-accounts/add`);
    expect(await heading(page)).toBe('Enter your password again');
    house.clock.aheadMs = 0;
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await press(page, 'Sign in');
    expect(await heading(page)).toBe('Which old service did you have an account with?');
  });

  it('C14: with JavaScript switched off', async () => {
    const page = await signedIn(house, 'plain@example.org', { javaScriptEnabled: false });
    await add(page, 'plain', 'plain-1999');
    await remove(page);
    expect(await page.locator('main').innerText()).toContain('For your security you are signed out everywhere');
  });

  it('by keyboard, in Welsh', async () => {
    const page = await signedIn(house, 'elen@example.org', { language: 'cy' });
    await page.getByRole('link', { name: 'Ychwanegu hen gyfrif' }).press('Enter');
    await page.waitForURL('**/add');
    await look(page, 'add-choose-cy');
    await page.getByLabel('Porth Rhent').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/details');
    await look(page, 'add-details-cy');
    await page.getByLabel('User name').fill('elen');
    await page.getByLabel('Hen gyfrinair', { exact: true }).fill('elen-1999');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/confirm');
    await look(page, 'add-confirm-cy');
    await page.getByRole('button', { name: 'Ychwanegu’r hen gyfrif hwn' }).press('Enter');
    await page.waitForURL('**/done');
    await look(page, 'add-done-cy');
    await page.getByRole('link', { name: 'Yn ôl i’ch hen gyfrifon' }).press('Enter');
    await page.waitForURL('**/old-accounts');
    await look(page, 'old-accounts-cy');
    await page.getByRole('link', { name: /^Pam mae hwn yma/ }).press('Enter');
    await expect.poll(() => heading(page)).toBe('Pam mae Porth Rhent yma');
    await look(page, 'old-account-why-cy');
    await page.getByRole('link', { name: 'Tynnu’r hen gyfrif hwn' }).press('Enter');
    await page.waitForURL('**/remove');
    await look(page, 'old-account-remove-cy');
    await page.getByLabel('Nid fy un i ydyw').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
    await expect.poll(() => heading(page)).toBe('Hen gyfrif wedi’i dynnu');
    await look(page, 'old-account-removed-cy');
  });
});
