import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bcryptOf, djangoOf, ssha512Of } from '../support/legacy-estate.ts';
import { heading, look, openHouse, PASSWORD, press, type House } from './harness.ts';

describe('bringing an old account along', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse();
    await house.importOld([
      { id: 'R-1001', login: 'gwen', hash: bcryptOf('hen gyfrinair'), email: 'gwen@old.example', name: 'Gwen Hughes' },
      { id: 'R-1002', login: 'tomos', hash: djangoOf('an old password of tomos'), email: 'tomos@example.org' },
      { id: 'R-1003', login: 'carys', hash: ssha512Of('carys-1999'), email: 'carys@example.org' },
      { id: 'R-1004', login: 'joint', hash: ssha512Of('joint-1999') },
    ]);
  });
  afterAll(() => house.close());

  async function proveOld(page: Page, login: string, password: string): Promise<void> {
    await page.goto(`${house.rent.origin}/start`);
    await page.getByRole('link', { name: 'I have an old account' }).click();
    await page.getByLabel('Rent Portal').check();
    await press(page, 'Continue');
    await page.getByLabel('User name').fill(login);
    await page.getByLabel('Old password', { exact: true }).fill(password);
    await press(page, 'Continue');
  }

  async function proveAddress(page: Page, address: string): Promise<void> {
    await page.getByLabel('Email address').fill(address);
    await press(page, 'Send me a code');
    await page.getByLabel('Code').fill(await house.codeFrom(address));
    await press(page, 'Continue');
  }

  it('E2: signs in with the old name and password, is known by the old id, and signs in directly the second time', async () => {
    const page = await (await house.visitor()).newPage();
    await page.goto(`${house.rent.origin}/start`);
    await page.getByRole('link', { name: 'I have an old account' }).click();
    await look(page, 'old-service');
    await press(page, 'Continue');
    await look(page, 'old-service-error');
    await page.getByLabel('Rent Portal').check();
    await press(page, 'Continue');
    await look(page, 'old-account');
    await page.getByLabel('User name').fill('gwen');
    await page.getByLabel('Old password', { exact: true }).fill('wrong one');
    await press(page, 'Continue');
    await look(page, 'old-account-wrong');
    expect(await page.getByLabel('User name').inputValue(), 'what was typed stays').toBe('gwen');
    await page.getByLabel('Old password', { exact: true }).fill('hen gyfrinair');
    await press(page, 'Continue');
    await look(page, 'old-email');
    expect(await page.getByLabel('Email address').inputValue(), 'nothing is filled in from the record').toBe('');
    expect(await page.locator('main').innerText(), 'the address on record is masked').not.toContain('gwen@old.example');
    await proveAddress(page, 'gwen@new.example');
    await look(page, 'old-confirm');
    const text = await page.locator('main').innerText();
    for (const part of ['Rent Portal', 'gwen', 'Gwen Hughes', 'gwen@new.example', 'Rent support goes on knowing you'])
      expect(text).toContain(part);
    await press(page, 'Confirm and continue');
    expect(await heading(page)).toBe('Signed in to Rent support');
    expect(await page.locator('#sub').innerText()).toBe('R-1001');

    const subjects = await Promise.all(
      ['gwen@new.example', 'gwen@old.example'].map(async (address) => (await house.mail(address)).subject),
    );
    const told = 'An old account has been added to a Latchkey account';
    expect(subjects, 'both sides are told').toEqual([told, told]);

    const again = await (await house.visitor()).newPage();
    await again.goto(`${house.rent.origin}/start`);
    await again.getByLabel('Email address').fill('gwen@new.example');
    await press(again, 'Continue');
    await again.getByLabel('Password', { exact: true }).fill('hen gyfrinair');
    await press(again, 'Sign in');
    expect(await again.locator('#sub').innerText()).toBe('R-1001');
    await again.goto(`${house.issuer}/account`);
    await look(again, 'account-with-old');
    expect(await again.locator('main').innerText()).toContain('Rent Portal');
    expect(await again.getByRole('link', { name: 'Choose a longer password' }).count()).toBe(1);
  });

  it('L1: an address that has an account asks for its password too; the mailbox alone joins nothing', async () => {
    await house.account('tomos@example.org', PASSWORD);
    const page = await (await house.visitor()).newPage();
    await proveOld(page, 'tomos', 'an old password of tomos');
    await proveAddress(page, 'tomos@example.org');
    expect(await heading(page)).toBe('You already have a Latchkey account');
    await look(page, 'old-existing');
    await page.getByLabel('Password of your Latchkey account').fill('not it');
    await press(page, 'Continue');
    expect(await page.locator('.govuk-error-summary').count()).toBe(1);
    await page.goto(page.url().replace('old-existing', 'old-confirm'));
    expect(await heading(page), 'the confirm page cannot be reached').toBe('You already have a Latchkey account');
    await page.getByLabel('Password of your Latchkey account').fill(PASSWORD);
    await press(page, 'Continue');
    expect(await page.locator('main').innerText()).toContain('your old account becomes part of your Latchkey account');
    await press(page, 'Confirm and continue');
    expect(await page.locator('#sub').innerText()).toBe('R-1002');
  });

  it('E9: one address, two old accounts: each is proved by itself', async () => {
    const page = await (await house.visitor()).newPage();
    await proveOld(page, 'carys', 'carys-1999');
    await proveAddress(page, 'carys@example.org');
    await press(page, 'Confirm and continue');
    expect(await page.locator('#sub').innerText()).toBe('R-1003');

    const second = await (await house.visitor()).newPage();
    await proveOld(second, 'joint', 'joint-1999');
    await house.mail('carys@example.org');
    await proveAddress(second, 'carys@example.org');
    await second.getByLabel('Password of your Latchkey account').fill('carys-1999');
    await press(second, 'Continue');
    await press(second, 'Confirm and continue');
    expect(await second.locator('#sub').innerText(), 'a sub never changes under a service').toBe('R-1003');
  });

  it('E3: an old account that was taken over in another browser meanwhile is refused, plainly', async () => {
    await house.importOld([{ id: 'R-1005', login: 'race', hash: ssha512Of('race-1999') }]);
    const [first, second] = [await (await house.visitor()).newPage(), await (await house.visitor()).newPage()];
    await proveOld(first, 'race', 'race-1999');
    await proveOld(second, 'race', 'race-1999');
    await proveAddress(first, 'race-one@example.org');
    await proveAddress(second, 'race-two@example.org');
    await press(first, 'Confirm and continue');
    await press(second, 'Confirm and continue');
    expect(await heading(first)).toBe('Signed in to Rent support');
    expect(await heading(second)).toBe('We could not bring your old account along');
    await look(second, 'old-refused');
  });
});
