import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signedIn } from './account-visitor.ts';
import { heading, look, openHouse, PASSWORD, press, type House } from './harness.ts';

const NEW = 'seven purple elephants dancing';

describe('the email addresses of an account', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse();
  });
  afterAll(() => house.close());

  async function add(page: Page, address: string): Promise<void> {
    await page.goto(`${house.issuer}/account/addresses/add`);
    await page.getByLabel('Email address to add').fill(address);
    await press(page, 'Send me a code');
    await page.getByLabel('Code').fill(await house.codeFrom(address));
    await press(page, 'Continue');
  }

  it('LA04, A14: adds one by its code, makes it the first, removes the old one, and keeps it after all', async () => {
    await house.account('nia@old.example', PASSWORD);
    const page = await signedIn(house, 'nia@old.example');
    await page.getByRole('link', { name: 'Change email addresses' }).click();
    expect(await heading(page)).toBe('Your email addresses');
    await look(page, 'addresses-one');
    await page.getByRole('button', { name: 'Add an email address' }).click();
    await look(page, 'address-add');
    await page.getByLabel('Email address to add').fill('nia');
    await press(page, 'Send me a code');
    await look(page, 'address-add-wrong');
    await page.getByLabel('Email address to add').fill('nia@old.example');
    await press(page, 'Send me a code');
    expect(await page.locator('.govuk-error-summary').innerText()).toContain('part of your account already');
    await page.getByLabel('Email address to add').fill('nia@new.example');
    await press(page, 'Send me a code');
    expect(await heading(page)).toBe('Check your email');
    await look(page, 'address-code');
    await page.getByLabel('Code').fill('12345');
    await press(page, 'Continue');
    await look(page, 'address-code-wrong');
    const { subject, body } = await house.mail('nia@new.example');
    expect(subject).toBe('Your code to add this address to a Latchkey account');
    expect(body, 'L6: it names who asked').toContain('the Latchkey account for n•••@old.example');
    await page.getByLabel('Code').fill(/\b\d{6}\b/.exec(body)?.[0] ?? '');
    await press(page, 'Continue');
    expect(await page.locator('.govuk-notification-banner').innerText()).toContain('The address has been added');
    await look(page, 'addresses-added');
    for (const address of ['nia@old.example', 'nia@new.example']) {
      const notice = await house.mail(address);
      expect(notice.subject).toBe('An email address has been added to your Latchkey account');
      expect(notice.body).toContain('n•••@new.example was added');
      expect(notice.body, 'what to do').toContain('I have forgotten my password');
    }

    await press(page, /Make this the first address/);
    expect((await house.mail('nia@old.example')).subject).toBe('Your Latchkey account has another first email address');
    await page.getByRole('link', { name: /Remove this address/ }).click();
    await look(page, 'address-remove');
    await press(page, 'Remove this address');
    expect(await page.locator('main').innerText()).toContain('Until then it works as before');
    await look(page, 'addresses-leaving');
    expect((await house.mail('nia@old.example')).subject).toBe(
      'An email address will be removed from your Latchkey account',
    );
    expect(await heading(await signedIn(house, 'nia@old.example')), 'until then').toBe('Your account');
    await press(page, /Keep this address/);
    expect(await page.locator('.govuk-notification-banner').innerText()).toContain('The address stays');
  });

  it('L4: an address that somebody has is told of only once its mailbox is proved; a merge is offered', async () => {
    await house.account('owner@example.org', PASSWORD);
    await house.account('asks@example.org', PASSWORD);
    const page = await signedIn(house, 'asks@example.org');
    await page.goto(`${house.issuer}/account/addresses/add`);
    await page.getByLabel('Email address to add').fill('owner@example.org');
    await press(page, 'Send me a code');
    expect(await heading(page), 'as for any address').toBe('Check your email');
    await page.getByLabel('Code').fill(await house.codeFrom('owner@example.org'));
    await press(page, 'Continue');
    expect(await heading(page)).toBe('There is another account with this address');
    await look(page, 'address-taken');
    await page.getByRole('button', { name: 'Make two accounts one' }).click();
    expect(await heading(page)).toBe('Make two Latchkey accounts one');
  });

  it('LA03, L3: recovering shows what was added later; what is not the owner’s goes at once', async () => {
    await house.account('mali@example.org', PASSWORD);
    const attacker = await signedIn(house, 'mali@example.org');
    await add(attacker, 'attacker@evil.example');
    await press(attacker, /Make this the first address/);

    const page = await (await house.visitor()).newPage();
    await page.goto(`${house.issuer}/account`);
    await page.getByLabel('Email address').fill('mali@example.org');
    await press(page, 'Continue');
    await page.getByRole('link', { name: 'I have forgotten my password' }).click();
    await press(page, 'Send me a code');
    for (let notices = 0; notices < 2; notices += 1) await house.mail('mali@example.org');
    await page.getByLabel('Code').fill(await house.codeFrom('mali@example.org'));
    await press(page, 'Continue');
    expect(await heading(page)).toBe('Addresses that were added later');
    await look(page, 'recovery-addresses');
    await press(page, 'Continue');
    await look(page, 'recovery-addresses-wrong');
    expect(await page.locator('.govuk-error-summary').innerText()).toContain('attacker@evil.example is yours');
    await page.goto(page.url().replace(/forgotten-addresses.*/, 'new-password'));
    expect(await heading(page), 'cannot be skipped').toBe('Addresses that were added later');
    await page.getByLabel('No, remove it').check();
    await press(page, 'Continue');
    await page.getByLabel('New password', { exact: true }).fill(NEW);
    await press(page, 'Set new password and sign in');
    expect(await heading(page)).toBe('Your account');
    const details = await page.locator('main').innerText();
    expect(details).toContain('mali@example.org');
    expect(details).not.toContain('attacker@evil.example');

    await attacker.goto(`${house.issuer}/account`);
    expect(await heading(attacker), 'L2').toBe('Sign in to Your account');
    await attacker.getByLabel('Email address').fill('attacker@evil.example');
    await press(attacker, 'Continue');
    await attacker.getByRole('link', { name: 'I have forgotten my password' }).click();
    await press(attacker, 'Send me a code');
    for (;;) {
      const { body } = await house.mail('attacker@evil.example');
      const code = /set a new password[\s\S]*/.test(body) ? /\b\d{6}\b/.exec(body)?.[0] : undefined;
      if (code === undefined) continue;
      await attacker.getByLabel('Code').fill(code);
      break;
    }
    await press(attacker, 'Continue');
    expect(await heading(attacker)).toBe('There is no account for this address');
  });

  it('LA17: after a merge the page says which addresses stay, until when, and why', async () => {
    await house.account('stays@example.org', PASSWORD);
    await house.account('joins@example.org', NEW);
    const page = await signedIn(house, 'stays@example.org');
    await page.goto(`${house.issuer}/account/merge/other`);
    await page.getByLabel('Email address of your other account').fill('joins@example.org');
    await page.getByLabel('Password of your other account').fill(NEW);
    await press(page, 'Continue');
    await press(page, 'Make them one account');
    await page.goto(`${house.issuer}/account/addresses`);
    expect(await page.locator('main').innerText()).toContain('Until then, every address of both accounts stays');
    expect(await page.getByRole('link', { name: /Remove this address/ }).count()).toBe(0);
    await look(page, 'addresses-locked');
    const form = await page.locator('form[action$="/first"]').getAttribute('action');
    await page.goto(`${house.issuer}${(form ?? '').replace('/first', '/remove')}`);
    expect(await heading(page)).toBe('This email address cannot be removed');
    await look(page, 'address-locked');
  });

  it('in Welsh', async () => {
    await house.account('rhian@example.org', PASSWORD);
    const page = await signedIn(house, 'rhian@example.org', { language: 'cy' });
    await page.goto(`${house.issuer}/account/addresses`);
    expect(await heading(page)).toBe('Eich cyfeiriadau e-bost');
    await look(page, 'addresses-cy');
    await page.getByRole('button', { name: 'Ychwanegu cyfeiriad e-bost' }).click();
    await look(page, 'address-add-cy');
    await page.getByLabel('Cyfeiriad e-bost i’w ychwanegu').fill('rhian@gwaith.example');
    await press(page, 'Anfonwch god ataf');
    await look(page, 'address-code-cy');
    await page.getByLabel('Cod').fill(await house.codeFrom('rhian@gwaith.example'));
    await press(page, 'Parhau');
    await look(page, 'addresses-added-cy');
    await page.getByRole('link', { name: /Tynnu’r cyfeiriad hwn/ }).click();
    await look(page, 'address-remove-cy');
    await press(page, 'Tynnu’r cyfeiriad hwn');
    expect(await page.locator('main').innerText()).toContain('Tan hynny mae’n gweithio fel o’r blaen');
    await look(page, 'addresses-leaving-cy');
  });

  it('C14: with JavaScript switched off', async () => {
    await house.account('plain@example.org', PASSWORD);
    const page = await signedIn(house, 'plain@example.org', { javaScriptEnabled: false });
    await add(page, 'plain@second.example');
    await press(page, /Make this the first address/);
    await page.getByRole('link', { name: /Remove this address/ }).click();
    await press(page, 'Remove this address');
    await press(page, /Keep this address/);
    expect(await page.locator('main').innerText()).toContain('The address stays');
  });
});
