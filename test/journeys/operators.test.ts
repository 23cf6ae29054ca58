import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOperators } from '../../src/operators/index.ts';
import type { Role } from '../../src/operators/access/permissions.ts';
import { addPasskeyDevice, type PasskeyDevice, signInBySession, testOperator } from '../support/operators.ts';
import { heading, type House, look, openHouse, press } from './harness.ts';

// Staff with a virtual authenticator in a real Chromium: what the browser signs is what the house checks.

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
const refusedByPolicy: string[] = [];

async function invitation(handle: string, roles: readonly Role[]): Promise<string> {
  const done = await createOperators(house.app.house).invite({ handle, roles }, { actor: 'operator:test' });
  if (done.outcome !== 'invited') throw new Error(done.reason);
  return done.link;
}

async function newcomer(): Promise<{ page: Page; device: PasskeyDevice }> {
  const page = await (await house.visitor()).newPage();
  page.on('console', (line) => {
    if (line.text().includes('Content Security Policy')) refusedByPolicy.push(line.text());
  });
  return { page, device: await addPasskeyDevice(page) };
}

async function join(page: Page, link: string, name: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel('Your full name').fill(name);
  await press(page, 'Continue');
  await page.getByRole('button', { name: 'Make a passkey' }).click();
  await page.waitForURL(/\/operators\/(?:people|passkeys|systems|runs)/);
}

async function signIn(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
}

describe('staff', () => {
  it('G7: take up an invitation with a passkey, sign out, and come back to the page they asked for', async () => {
    const { page, device } = await newcomer();
    const link = await invitation('olwen', ['administrator']);
    await page.goto(link);
    await look(page, 'operators-invitation');
    await press(page, 'Continue');
    expect(await page.locator('.govuk-error-summary').innerText()).toContain('Enter your full name');
    await look(page, 'operators-invitation-error');
    await page.getByLabel('Your full name').fill('Olwen Prys');
    await press(page, 'Continue');
    await look(page, 'operators-invitation-passkey');
    await page.getByRole('button', { name: 'Make a passkey' }).click();
    await page.waitForURL('**/operators/people');
    await look(page, 'operators-people');
    await press(page, /^Sign out +\(/);
    expect(await heading(page)).toBe('Sign in as staff');

    await page.goto(link);
    expect(await heading(page)).toBe('This invitation cannot be used');
    await look(page, 'operators-invitation-gone');
    await page.goto(`${house.issuer}/operators/people/invite`);
    expect(await heading(page)).toBe('Sign in as staff');
    await look(page, 'operators-sign-in');
    const noAnswer = page.getByText('Your browser gave no passkey. Try again.');
    expect(await noAnswer.isVisible()).toBe(false);
    await device.setVerifies(false);
    await signIn(page);
    await noAnswer.waitFor();
    await look(page, 'operators-sign-in-no-passkey');
    await device.setVerifies(true);
    await signIn(page);
    await page.waitForURL('**/operators/people/invite');
    expect(await heading(page)).toBe('Invite an operator');
  });

  it('C12: the back button shows nothing after signing out', async () => {
    const { page } = await newcomer();
    await join(page, await invitation('back', ['viewer']), 'Ann Back');
    await press(page, /^Sign out +\(/);
    await page.goBack();
    expect(await heading(page)).toBe('Sign in as staff');
  });

  it('an administrator invites, changes roles, and suspends; who is suspended is out at once (C4)', async () => {
    const admin = (await newcomer()).page;
    await join(admin, await invitation('megan', ['administrator']), 'Megan Rees');
    await admin.getByRole('button', { name: 'Invite an operator' }).click();
    await admin.waitForURL('**/invite');
    await look(admin, 'operators-invite');
    await admin.getByLabel('Short name').fill('Not a name!');
    await press(admin, 'Make the invitation');
    await look(admin, 'operators-invite-error');
    await admin.getByLabel('Short name').fill('bryn');
    await press(admin, 'Make the invitation');
    expect(await admin.locator('.govuk-error-summary').innerText()).toContain('Select at least one role');
    await look(admin, 'operators-invite-error-roles');
    await admin.getByLabel('Approver').check();
    await press(admin, 'Make the invitation');
    expect(await heading(admin)).toBe('Invitation for bryn');
    await look(admin, 'operators-invited');
    const link = await admin.locator('code').innerText();

    const bryn = (await newcomer()).page;
    await join(bryn, link, 'Bryn Lloyd');
    expect(await heading(bryn)).toBe('Old account systems');
    await bryn.goto(`${house.issuer}/operators/people`);
    expect(await heading(bryn), 'L17: not by this role').toBe('You cannot do that here');

    await admin.goto(`${house.issuer}/operators/people`);
    await look(admin, 'operators-people-list');
    await admin.getByRole('link', { name: 'bryn' }).click();
    await look(admin, 'operators-person');
    await admin.getByLabel('Viewer').check();
    await press(admin, 'Change roles');
    await look(admin, 'operators-person-changed');
    await bryn.goto(`${house.issuer}/operators/passkeys`);
    expect(await heading(bryn), 'C1: new rights, new session').toBe('Sign in as staff');
    await signIn(bryn);
    await bryn.waitForURL('**/operators/passkeys');
    await press(admin, 'Suspend');
    await look(admin, 'operators-person-suspended');
    await bryn.reload();
    expect(await heading(bryn)).toBe('Sign in as staff');
    await signIn(bryn);
    await bryn.getByText('You cannot sign in at the moment').first().waitFor();
    await look(bryn, 'operators-sign-in-suspended');
    await admin.goto(`${house.issuer}/operators/people/of/megan`);
    await look(admin, 'operators-person-own');
  });

  it('adds a second passkey and removes one, never the last', async () => {
    const { page } = await newcomer();
    await join(page, await invitation('carys', ['support']), 'Carys Owen');
    await page.goto(`${house.issuer}/operators/passkeys`);
    await look(page, 'operators-passkeys-one');
    expect(await page.getByRole('button', { name: /^Remove/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'Add another passkey' }).click();
    await page.waitForURL('**/add');
    await look(page, 'operators-passkey-add');
    await addPasskeyDevice(page, { transport: 'usb' });
    await page.getByLabel('A name for it').fill('Blue key');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.waitForURL('**/operators/passkeys?done=added');
    await look(page, 'operators-passkeys-two');
    await page.getByRole('button', { name: 'Remove (Blue key)' }).click();
    await page.waitForURL('**/operators/passkeys?done=removed');
    await look(page, 'operators-passkeys-removed');
  });

  it('C5: signs out everywhere', async () => {
    const ceri = await testOperator(house.app.house, { roles: ['viewer'], handle: 'ceri' });
    const contexts = [await house.visitor(), await house.visitor()];
    const pages = await Promise.all(
      contexts.map(async (context) => {
        await signInBySession(context, house.issuer, ceri);
        const page = await context.newPage();
        await page.goto(`${house.issuer}/operators/passkeys`);
        return page;
      }),
    );
    await press(pages[0]!, 'Sign out everywhere');
    await pages[1]!.reload();
    for (const page of pages) expect(await heading(page)).toBe('Sign in as staff');
  });

  it('C14: without JavaScript the page says that a passkey needs it', async () => {
    const page = await (await house.visitor({ javaScriptEnabled: false })).newPage();
    await page.goto(`${house.issuer}/operators/sign-in?lng=cy`);
    expect(await heading(page)).toBe('Mewngofnodi fel staff');
    expect(await page.locator('.govuk-inset-text').innerText()).toContain('JavaScript');
    expect(await page.getByRole('button', { name: 'Mewngofnodi gyda chyfrinallwedd' }).count()).toBe(0);
  });

  it('C9: nothing of the pages above broke their policy', () => {
    expect(refusedByPolicy).toEqual([]);
  });
});
