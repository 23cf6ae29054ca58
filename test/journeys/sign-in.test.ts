import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heading, look, openHouse, PASSWORD, press, type House } from './harness.ts';

describe('signing in', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse({ sleep: async () => {} });
    await house.account('sian@example.org', PASSWORD);
  });
  afterAll(() => house.close());

  async function signIn(page: Page, query = ''): Promise<void> {
    await page.goto(`${house.rent.origin}/start${query}`);
    await page.getByLabel('Email address').fill('sian@example.org');
    await press(page, 'Continue');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await press(page, 'Sign in');
  }

  it('signs in at one service, silently at the second, and out everywhere', async () => {
    const page = await (await house.visitor()).newPage();
    await page.goto(`${house.rent.origin}/start`);
    expect(await page.getByRole('link', { name: 'Privacy notice of Rent support' }).count()).toBe(1);
    expect(await page.getByRole('link', { name: 'Terms and conditions of Rent support' }).count()).toBe(1);
    await page.getByLabel('Email address').fill('sian@example.org');
    await press(page, 'Continue');
    await look(page, 'sign-in-password');
    await page.getByLabel('Password', { exact: true }).fill('not my password');
    await press(page, 'Sign in');
    await look(page, 'sign-in-password-wrong');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await press(page, 'Sign in');
    expect(await heading(page)).toBe('Signed in to Rent support');
    const rentSub = await page.locator('#sub').innerText();

    await page.goto(`${house.fishing.origin}/start`);
    expect(await heading(page)).toBe('Signed in to Rod fishing licence');
    expect(await page.locator('#sub').innerText(), 'another sector knows another id').not.toBe(rentSub);

    await page.goto(`${house.issuer}/account`);
    expect(await heading(page)).toBe('Your account');
    await look(page, 'account');
    expect(await page.getByText('Rent support, Rod fishing licence').count()).toBe(1);
    await page.getByRole('link', { name: 'Sign out everywhere' }).click();
    await look(page, 'sign-out-everywhere');
    await press(page, 'Sign out everywhere');
    await look(page, 'signed-out');
    expect(await heading(page)).toBe('You have signed out');
    await page.goto(`${house.fishing.origin}/start?prompt=none`);
    expect(await page.locator('#error').innerText(), 'C6: prompt=none signs nobody in').toBe('login_required');
  });

  it('C14: signs in with JavaScript switched off', async () => {
    const page = await (await house.visitor({ javaScriptEnabled: false })).newPage();
    await signIn(page);
    expect(await heading(page)).toBe('Signed in to Rent support');
  });

  it('G21: signs in with the keyboard alone', async () => {
    const page = await (await house.visitor()).newPage();
    await page.goto(`${house.rent.origin}/start`);
    await page.keyboard.press('Tab');
    expect(await page.evaluate<string>('document.activeElement.className')).toContain('govuk-skip-link');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type('sian@example.org');
    await page.keyboard.press('Enter');
    await page.waitForURL(/password$/);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    for (let tabs = 0; tabs < 15 && (await focused(page)) !== 'password'; tabs += 1) await page.keyboard.press('Tab');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${house.rent.origin}/callback**`);
    expect(await heading(page)).toBe('Signed in to Rent support');
  });

  it('speaks Welsh when asked by the citizen or by the service, and remembers', async () => {
    const page = await (await house.visitor()).newPage();
    await page.goto(`${house.rent.origin}/start`);
    await page.getByRole('link', { name: 'Cymraeg' }).click();
    expect(await heading(page)).toBe('Mewngofnodi i Cymorth rhent');
    expect(await page.locator('html').getAttribute('lang')).toBe('cy');
    await look(page, 'sign-in-email-cy');
    await page.getByLabel('Cyfeiriad e-bost').fill('sian@example.org');
    await press(page, 'Parhau');
    await page.getByLabel('Cyfrinair', { exact: true }).fill('anghywir');
    await press(page, 'Mewngofnodi');
    await look(page, 'sign-in-password-cy');

    const asked = await (await house.visitor()).newPage();
    await asked.goto(`${house.rent.origin}/start?ui_locales=cy`);
    expect(await heading(asked)).toBe('Mewngofnodi i Cymorth rhent');
  });

  it('A5: a password can be pasted, shown and filled in by a manager', async () => {
    const context = await house.visitor({ permissions: ['clipboard-read', 'clipboard-write'] });
    const page = await context.newPage();
    await page.goto(`${house.rent.origin}/start`);
    expect(await page.getByLabel('Email address').getAttribute('autocomplete')).toBe('username');
    await page.getByLabel('Email address').fill('sian@example.org');
    await press(page, 'Continue');
    const field = page.getByLabel('Password', { exact: true });
    expect(await field.getAttribute('autocomplete')).toBe('current-password');
    expect(await page.locator('input[autocomplete=username]').inputValue()).toBe('sian@example.org');
    await page.evaluate(`navigator.clipboard.writeText('${PASSWORD}')`);
    await field.focus();
    await page.keyboard.press('Control+V');
    expect(await field.inputValue()).toBe(PASSWORD);
    await page.getByRole('button', { name: 'Show password' }).click();
    expect(await page.locator('#password').getAttribute('type')).toBe('text');
    await page.getByRole('button', { name: 'Hide password' }).click();
    await press(page, 'Sign in');
    expect(await heading(page)).toBe('Signed in to Rent support');
  });

  it('asks for the password again, with the address fixed, and moves auth_time on', async () => {
    const page = await (await house.visitor()).newPage();
    await signIn(page);
    const first = Number(await page.locator('#auth-time').innerText());
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await page.goto(`${house.rent.origin}/start?prompt=login`);
    expect(await heading(page)).toBe('Enter your password again');
    expect(await page.getByText('sian@example.org').count()).toBe(1);
    await look(page, 'sign-in-again');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await press(page, 'Sign in');
    expect(Number(await page.locator('#auth-time').innerText())).toBeGreaterThan(first);
  });

  it('lets a citizen choose the account, and tells plainly what a service sees', async () => {
    const page = await (await house.visitor()).newPage();
    await signIn(page);
    const authTime = await page.locator('#auth-time').innerText();
    await page.goto(`${house.fishing.origin}/start?prompt=select_account`);
    expect(await heading(page)).toBe('Which account do you want to use?');
    await press(page, 'Continue');
    await look(page, 'choose-account-error');
    await page.getByLabel('sian@example.org').check();
    await press(page, 'Continue');
    expect(await heading(page)).toBe('Signed in to Rod fishing licence');
    expect(await page.locator('#auth-time').innerText(), 'nothing was proved anew').toBe(authTime);

    await page.goto(`${house.fishing.origin}/start?prompt=consent`);
    expect(await heading(page)).toBe('Continue to Rod fishing licence');
    await look(page, 'continue');
    await press(page, 'Do not continue');
    expect(await page.locator('#error').innerText()).toBe('access_denied');
    await page.goto(`${house.fishing.origin}/start?prompt=consent`);
    await press(page, 'Continue to Rod fishing licence');
    expect(await heading(page)).toBe('Signed in to Rod fishing licence');
  });

  it('somebody else may sign in where a session is', async () => {
    await house.account('other@example.org', PASSWORD);
    const page = await (await house.visitor()).newPage();
    await signIn(page);
    const sub = await page.locator('#sub').innerText();
    await page.goto(`${house.rent.origin}/start?prompt=select_account`);
    await page.getByLabel('Another account').check();
    await press(page, 'Continue');
    await page.getByLabel('Email address').fill('other@example.org');
    await press(page, 'Continue');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await press(page, 'Sign in');
    expect(await page.locator('#sub').innerText()).not.toBe(sub);
  });

  it('A8: asks for a second way after nine wrong passwords in a row', async () => {
    await house.account('guessed@example.org', PASSWORD);
    const page = await (await house.visitor()).newPage();
    await page.goto(`${house.rent.origin}/start`);
    await page.getByLabel('Email address').fill('guessed@example.org');
    await press(page, 'Continue');
    for (let wrong = 0; wrong < 10; wrong += 1) {
      await page.getByLabel('Password', { exact: true }).fill(`guess number ${wrong}`);
      await press(page, 'Sign in');
    }
    expect(await heading(page)).toBe('Check your email');
    await look(page, 'check');
    await press(page, 'Send a new code');
    await house.mail('guessed@example.org');
    await page.getByLabel('Code').fill(await house.codeFrom('guessed@example.org'));
    await press(page, 'Continue');
    await look(page, 'check-passed');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await press(page, 'Sign in');
    expect(await heading(page)).toBe('Signed in to Rent support');
  });

  it('login_hint fills the address in, and is inert', async () => {
    const page = await (await house.visitor()).newPage();
    await page.goto(`${house.rent.origin}/start?login_hint=${encodeURIComponent('"><b>x@example.org')}`);
    expect(await page.getByLabel('Email address').inputValue()).toBe('"><b>x@example.org');
  });
});

const focused = (page: Page): Promise<string> => page.evaluate<string>('document.activeElement.id');
