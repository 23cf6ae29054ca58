import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heading, look, openHouse, PASSWORD, press, type House } from './harness.ts';

describe('creating an account', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse();
  });
  afterAll(() => house.close());

  it('G21: a stranger creates an account with a code and a password, and is at the service', async () => {
    const context = await house.visitor();
    const page = await context.newPage();
    await page.goto(house.rent.origin);
    await page.getByRole('link', { name: 'Sign in' }).click();
    expect(await heading(page)).toBe('Sign in to Rent support');
    await look(page, 'sign-in-email');
    await page.getByRole('link', { name: 'Create an account' }).click();
    await look(page, 'create');
    await page.getByLabel('Email address').fill('not an address');
    await press(page, 'Send me a code');
    await look(page, 'create-error');
    expect(await page.title()).toMatch(/^Error: /);
    await page.getByLabel('Email address').fill('mair@example.org');
    await press(page, 'Send me a code');
    await look(page, 'create-code');
    await page.getByLabel('Code').fill('12');
    await press(page, 'Continue');
    await look(page, 'create-code-error');
    await page.getByLabel('Code').fill(await house.codeFrom('mair@example.org'));
    await press(page, 'Continue');
    await look(page, 'create-password');
    await page.getByLabel('New password', { exact: true }).fill('rent support');
    await press(page, 'Create my account');
    await look(page, 'create-password-error');
    const problems = await page.locator('.govuk-error-summary__list li').allInnerTexts();
    expect(problems.length, 'all that is wrong at once').toBe(2);
    await page.getByLabel('New password', { exact: true }).fill(PASSWORD);
    await press(page, 'Create my account');
    expect(await heading(page)).toBe('Signed in to Rent support');
    expect((await house.mail('mair@example.org')).subject).toBe('Your Latchkey account has been created');
  });

  it('A11: somebody who has an account hears so only after the code, and goes on to sign in', async () => {
    await house.account('ifan@example.org', PASSWORD);
    const page = await (await house.visitor()).newPage();
    await page.goto(`${house.rent.origin}/start`);
    await page.getByRole('link', { name: 'Create an account' }).click();
    await page.getByLabel('Email address').fill('ifan@example.org');
    await press(page, 'Send me a code');
    expect(await heading(page)).toBe('Check your email');
    await page.getByLabel('Code').fill(await house.codeFrom('ifan@example.org'));
    await press(page, 'Continue');
    expect(await heading(page)).toBe('You already have an account');
    await look(page, 'create-exists');
    await press(page, 'Sign in');
    expect(await heading(page)).toBe('Enter your password');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await press(page, 'Sign in');
    expect(await heading(page)).toBe('Signed in to Rent support');
  });
});
