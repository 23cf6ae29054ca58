import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heading, look, openHouse, PASSWORD, press, type House } from './harness.ts';

describe('your account', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse();
    await house.account('nia@example.org', PASSWORD);
  });
  afterAll(() => house.close());

  async function signedIn(): Promise<Page> {
    const page = await (await house.visitor()).newPage();
    await page.goto(`${house.issuer}/account`);
    expect(await heading(page)).toBe('Sign in to Your account');
    await page.getByLabel('Email address').fill('nia@example.org');
    await press(page, 'Continue');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await press(page, 'Sign in');
    expect(await heading(page)).toBe('Your account');
    return page;
  }

  it('C5: shows the sessions; one is ended from another browser, and is over at once', async () => {
    const [one, two] = [await signedIn(), await signedIn()];
    await two.reload();
    const other = two.locator('.govuk-summary-card', { hasText: 'Another browser' });
    await other.first().getByRole('button', { name: /^End/ }).click();
    await two.waitForURL('**/account?done=session');
    await look(two, 'account-session-ended');
    await one.reload();
    expect(await heading(one)).toBe('Sign in to Your account');
    await press(two, 'Sign out');
    expect(await heading(two)).toBe('You have signed out');
    await two.goBack();
    await two.reload();
    expect(await heading(two), 'C12: the back button shows nothing of the account').not.toBe('Your account');
  });

  it('D19: shows which services know about somebody, and stops one', async () => {
    const page = await signedIn();
    await page.getByRole('link', { name: 'See which services know about you' }).click();
    expect(await page.locator('main').innerText()).toContain('No service can ask Latchkey about you');
    for (const service of [house.rent, house.fishing]) await page.goto(`${service.origin}/start`);
    await page.goto(`${house.issuer}/account/services`);
    await look(page, 'services');
    expect(await page.locator('.govuk-summary-card__title').allInnerTexts()).toEqual([
      'Rent support',
      'Rod fishing licence',
    ]);
    await page.getByRole('link', { name: 'Stop (Rent support)' }).click();
    expect(await heading(page)).toBe('Stop Rent support asking about you');
    await look(page, 'services-stop');
    await press(page, 'Stop this service');
    await look(page, 'services-stopped');
    expect(await page.locator('.govuk-summary-card__title').allInnerTexts()).toEqual(['Rod fishing licence']);
    await page.goto(`${house.issuer}/account/services/rent-support/stop`);
    expect(await heading(page), 'there is nothing to stop any more').toBe('Page not found');
  });

  it('A6: changes the password; what is wrong is said at both fields at once', async () => {
    const page = await signedIn();
    await page.getByRole('link', { name: 'Change password' }).click();
    await look(page, 'change-password');
    await page.getByLabel('Current password').fill('not it');
    await page.getByLabel('New password', { exact: true }).fill('short');
    await press(page, 'Change password');
    await look(page, 'change-password-error');
    expect(await page.locator('.govuk-error-summary__list li').count()).toBe(2);
    await page.getByLabel('Current password').fill(PASSWORD);
    await page.getByLabel('New password', { exact: true }).fill('nine quiet otters swimming');
    await press(page, 'Change password');
    await look(page, 'account-password-changed');
    expect((await house.mail('nia@example.org')).subject).toBe('Your Latchkey password has been changed');
  });

  it('an old address of our own leads nowhere else (D21)', async () => {
    const page = await (await house.visitor()).newPage();
    await page.goto(`${house.issuer}/account/signed-in?code=x&state=${encodeURIComponent('https://evil.example/')}`);
    expect(new URL(page.url()).origin).toBe(house.issuer);
  });
});
