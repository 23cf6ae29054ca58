import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signedIn } from './account-visitor.ts';
import { heading, look, openHouse, PASSWORD, press, type House } from './harness.ts';

const OTHER_PASSWORD = 'seven purple elephants dancing';

describe('two Latchkey accounts become one, and two again', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse();
  });
  afterAll(() => house.close());

  async function subAt(page: Page, service: House['rent']): Promise<string> {
    await page.goto(`${service.origin}/start`);
    return page.locator('#sub').innerText();
  }

  async function proveOther(page: Page, address: string, password = OTHER_PASSWORD): Promise<void> {
    await page.getByLabel('Email address of your other account').fill(address);
    await page.getByLabel('Password of your other account').fill(password);
    await press(page, 'Continue');
  }

  it('E2: explains, proves both sides, shows the plan, merges, tells both; and undoes it (E10)', async () => {
    await house.account('gwen@stays.example', PASSWORD);
    await house.account('gwen@other.example', OTHER_PASSWORD);
    const other = await signedIn(house, 'gwen@other.example', { password: OTHER_PASSWORD });
    const otherSub = await subAt(other, house.rent);
    await subAt(other, house.fishing);
    const page = await signedIn(house, 'gwen@stays.example');
    const stayingSub = await subAt(page, house.rent);
    await page.goto(`${house.issuer}/account`);
    await look(page, 'account-with-links');

    await page.getByRole('link', { name: 'I have two Latchkey accounts' }).click();
    await look(page, 'merge-explain');
    await page.getByRole('button', { name: 'Continue' }).click();
    expect(await heading(page)).toBe('Sign in to your other account');
    await look(page, 'merge-other');
    await proveOther(page, 'gwen@stays.example');
    await look(page, 'merge-other-same');
    expect(await page.locator('.govuk-error-summary').innerText()).toContain('the account you are signed in to');
    await proveOther(page, 'gwen@other.example', 'not it');
    expect(await page.locator('.govuk-error-summary').innerText()).toContain('is not correct');
    expect(await page.getByLabel('Email address of your other account').inputValue()).toBe('gwen@other.example');
    await proveOther(page, 'gwen@other.example');

    expect(await heading(page)).toBe('Check what will happen');
    await look(page, 'merge-confirm');
    const plan = await page.locator('main').innerText();
    for (const part of [
      'gwen@stays.example',
      'gwen@other.example',
      'the password of the account that stays',
      'Rent support knows both accounts',
      'Rod fishing licence goes on knowing you',
      '30 days',
    ])
      expect(plan).toContain(part);
    await press(page, 'Make them one account');
    expect(await heading(page)).toBe('Your two accounts are one');
    await look(page, 'merge-done');

    for (const address of ['gwen@stays.example', 'gwen@other.example']) {
      const { subject, body } = await house.mail(address);
      expect(subject).toBe('Two Latchkey accounts have become one');
      expect(body).toContain('g•••@other.example became part of the account for g•••@stays.example');
      expect(body, 'how to stop it').toContain('/account/merges');
    }
    await other.goto(`${house.issuer}/account`);
    expect(await heading(other), 'LA02: sessions of the other account are over').toBe('Sign in to Your account');
    const byEither = await signedIn(house, 'gwen@other.example');
    expect(await heading(byEither), 'either address opens the one account').toBe('Your account');
    expect(await subAt(byEither, house.rent), 'the sub of the account that stays').toBe(stayingSub);

    await page.goto(`${house.issuer}/account/merges`);
    await look(page, 'merges');
    await page.getByRole('link', { name: /^Undo/ }).click();
    await look(page, 'merge-undo');
    await press(page, 'Make it two accounts again');
    expect(await heading(page)).toBe('There are two accounts again');
    await look(page, 'merge-undone');
    for (const address of ['gwen@stays.example', 'gwen@other.example'])
      expect((await house.mail(address)).subject).toBe('A Latchkey account has been made two again');
    await byEither.goto(`${house.issuer}/account`);
    expect(await heading(byEither), 'E10: other sessions end').toBe('Sign in to Your account');
    const back = await signedIn(house, 'gwen@other.example', { password: OTHER_PASSWORD });
    expect(await subAt(back, house.rent), 'E10: its own sub').toBe(otherSub);
    const again = await signedIn(house, 'gwen@stays.example');
    expect(await subAt(again, house.rent), 'E10: and the other its own').toBe(stayingSub);
    await again.goto(`${house.issuer}/account/merges`);
    await look(again, 'merges-undone');
    expect(await again.locator('main').innerText()).toContain('Undone on');
  });

  it('asks for the password again when it was entered long ago, and comes back', async () => {
    await house.account('slow@example.org', PASSWORD);
    const page = await signedIn(house, 'slow@example.org');
    house.clock.aheadMs = 6 * 60 * 1000;
    await page.goto(`${house.issuer}/account/merge/other`);
    expect(await heading(page)).toBe('Enter your password again');
    house.clock.aheadMs = 0;
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await press(page, 'Sign in');
    expect(await heading(page)).toBe('Sign in to your other account');
  });

  it('by keyboard, in Welsh', async () => {
    await house.account('elen@example.org', PASSWORD);
    await house.account('elen@gwaith.example', OTHER_PASSWORD);
    const page = await signedIn(house, 'elen@example.org', { language: 'cy' });
    await page.getByRole('link', { name: 'Mae gen i ddau gyfrif Latchkey' }).press('Enter');
    await page.waitForURL('**/account/merge');
    await look(page, 'merge-explain-cy');
    await page.getByRole('button', { name: 'Parhau' }).press('Enter');
    await page.getByLabel('Cyfeiriad e-bost eich cyfrif arall').fill('elen@gwaith.example');
    await page.getByLabel('Cyfrinair eich cyfrif arall').fill(OTHER_PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/account/merge/confirm');
    expect(await heading(page)).toBe('Gwiriwch beth fydd yn digwydd');
    await look(page, 'merge-confirm-cy');
    await page.getByRole('button', { name: 'Eu gwneud yn un cyfrif' }).press('Enter');
    await page.waitForURL('**/account/merge/done');
    await look(page, 'merge-done-cy');
    await page.getByRole('link', { name: 'Ei weld a’i ddadwneud' }).press('Enter');
    await page.waitForURL('**/account/merges');
    await look(page, 'merges-cy');
    await page.getByRole('link', { name: /^Dadwneud/ }).press('Enter');
    await page.waitForURL('**/undo');
    await look(page, 'merge-undo-cy');
    await page.getByRole('button', { name: 'Ei wneud yn ddau gyfrif eto' }).press('Enter');
    await page.waitForLoadState('load');
    await expect.poll(() => heading(page)).toBe('Mae dau gyfrif eto');
    await look(page, 'merge-undone-cy');
  });

  it('C14: with JavaScript switched off', async () => {
    await house.account('plain@example.org', PASSWORD);
    await house.account('plain@other.example', OTHER_PASSWORD);
    const page = await signedIn(house, 'plain@example.org', { javaScriptEnabled: false });
    await page.goto(`${house.issuer}/account/merge/other`);
    await proveOther(page, 'plain@other.example');
    await press(page, 'Make them one account');
    expect(await heading(page)).toBe('Your two accounts are one');
    await page.goto(`${house.issuer}/account/merges`);
    await page.getByRole('link', { name: /^Undo/ }).click();
    await press(page, 'Make it two accounts again');
    expect(await heading(page)).toBe('There are two accounts again');
  });

  it('LA34: refuses plainly, in both languages, when a password is not enough', async () => {
    await house.account('careful@example.org', PASSWORD);
    const other = await house.account('careful@other.example', OTHER_PASSWORD);
    await house.app.house.db.query({
      text: `UPDATE accounts SET second_factor = 'always' WHERE account_id = $1`,
      values: [other],
    });
    const page = await signedIn(house, 'careful@example.org');
    await page.goto(`${house.issuer}/account/merge/other`);
    await proveOther(page, 'careful@other.example');
    expect(await heading(page)).toBe('We could not make the accounts one');
    await look(page, 'merge-refused');
    await page.getByRole('link', { name: 'Cymraeg' }).click();
    expect(await heading(page)).toBe('Ni allem wneud y cyfrifon yn un');
    await look(page, 'merge-refused-cy');
  });

  it('says plainly why a merge cannot be undone: a later one stands on it, or its 30 days are over', async () => {
    const survivor = await house.account('one@many.example', PASSWORD);
    for (const who of ['two', 'three']) await house.account(`${who}@many.example`, PASSWORD);
    const page = await signedIn(house, 'one@many.example');
    for (const who of ['two', 'three']) {
      await page.goto(`${house.issuer}/account/merge/other`);
      await proveOther(page, `${who}@many.example`, PASSWORD);
      await press(page, 'Make them one account');
      expect(await heading(page)).toBe('Your two accounts are one');
    }
    await page.goto(`${house.issuer}/account/merges`);
    await look(page, 'merges-many');
    const text = await page.locator('main').innerText();
    expect(text).toContain('undo the later one first');
    const undo = page.getByRole('link', { name: /^Undo/ });
    expect(await undo.count(), 'only the later one').toBe(1);
    await undo.click();
    expect(await heading(page)).toBe('Undo: make this two accounts again');

    await house.app.house.db.query({
      text: `UPDATE merges SET merged_at = merged_at - interval '31 days' WHERE survivor_id = $1`,
      values: [survivor],
    });
    await press(page, 'Make it two accounts again');
    expect(await heading(page)).toBe('This cannot be undone');
    await look(page, 'merge-undo-too-late');
    await page.getByRole('link', { name: 'Back to the accounts that became one' }).click();
    await look(page, 'merges-too-late');
    expect(await undo.count()).toBe(0);
  });
});
