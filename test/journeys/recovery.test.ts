import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heading, look, openHouse, PASSWORD, press, type House } from './harness.ts';

const NEW = 'seven purple elephants dancing';

describe('a forgotten password', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse();
    await house.account('huw@example.org', PASSWORD);
  });
  afterAll(() => house.close());

  it('L2: sets a new password by e-mail; every older session is over, and every contact is told', async () => {
    const before = await (await house.visitor()).newPage();
    await before.goto(`${house.rent.origin}/start`);
    await before.getByLabel('Email address').fill('huw@example.org');
    await press(before, 'Continue');
    await before.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await press(before, 'Sign in');

    const page = await (await house.visitor()).newPage();
    await page.goto(`${house.rent.origin}/start`);
    await page.getByLabel('Email address').fill('huw@example.org');
    await press(page, 'Continue');
    await page.getByRole('link', { name: 'I have forgotten my password' }).click();
    expect(await page.getByLabel('Email address').inputValue()).toBe('huw@example.org');
    await look(page, 'forgotten');
    await press(page, 'Send me a code');
    await look(page, 'forgotten-code');
    await page.getByLabel('Code').fill(await house.codeFrom('huw@example.org'));
    await press(page, 'Continue');
    await look(page, 'new-password');
    await page.getByLabel('New password', { exact: true }).fill(NEW);
    await press(page, 'Set new password and sign in');
    expect(await heading(page)).toBe('Signed in to Rent support');
    expect((await house.mail('huw@example.org')).subject).toBe('Your Latchkey password has been set anew');

    await before.goto(`${house.fishing.origin}/start?prompt=none`);
    expect(await before.locator('#error').innerText()).toBe('login_required');
    await page.goto(`${house.fishing.origin}/start?prompt=none`);
    expect(await heading(page), 'the new session stands').toBe('Signed in to Rod fishing licence');
  });

  it('an address without an account hears so in its own mailbox only, and may create one at once', async () => {
    const page = await (await house.visitor()).newPage();
    await page.goto(`${house.rent.origin}/start`);
    await page.goto(page.url().replace('/email', '/forgotten'));
    await page.getByLabel('Email address').fill('nobody@example.org');
    await press(page, 'Send me a code');
    expect(await heading(page)).toBe('Check your email');
    await page.getByLabel('Code').fill(await house.codeFrom('nobody@example.org'));
    await press(page, 'Continue');
    expect(await heading(page)).toBe('There is no account for this address');
    await look(page, 'forgotten-no-account');
    await press(page, 'Create an account with this address');
    await page.getByLabel('New password', { exact: true }).fill(NEW);
    await press(page, 'Create my account');
    expect(await heading(page)).toBe('Signed in to Rent support');
  });
});
