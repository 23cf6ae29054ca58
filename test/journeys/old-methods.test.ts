import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDemoSecrets } from '../../demo/estate/methods/demo-secrets.ts';
import { sourceOf } from '../../demo/estate/methods/demo-method.ts';
import { demoMethods } from '../../demo/estate/methods/methods.ts';
import { openMethods } from '../../demo/estate/methods/open-methods.ts';
import { freePort } from '../support/free-port.ts';
import { rentPortal } from '../support/legacy-estate.ts';
import { signedIn } from './account-visitor.ts';
import { heading, look, openHouse, PASSWORD, press, type House } from './harness.ts';

// The old systems are the stand-ins of the demo: what is tried here is our pages, in a browser that leaves and comes back.

const SIGNED_IN = 'Signed in to Rent support';

describe('old accounts by other ways than a password', () => {
  let house: House;
  let folder: string;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    const sourceSecrets = await makeDemoSecrets();
    house = await openHouse({ sources: [...demoMethods.map(sourceOf), 'down'], sourceSecrets });
    folder = await mkdtemp(join(tmpdir(), 'latchkey-old-methods-'));
    ({ stop } = await openMethods(house.app.house, { secrets: sourceSecrets, folder, issuer: house.issuer }));
    const nobody = `http://127.0.0.1:${await freePort()}/log-in`;
    const down = rentPortal({
      source: 'down',
      name: { en: 'Harbour Dues', cy: 'Tollau Harbwr' },
      subjects: 'none',
      sectors: [],
      file: { format: 'csv', columns: { id: 'id', login: 'login', email: 'email', name: 'name' } },
      scheme: 'none',
      adapter: { family: 'http', method: 'M09', url: nobody },
      policy: {
        version: 1,
        proofs: ['old-sign-in', 'contact-code', { kind: 'reference-and-fact', facts: ['name'] }],
        assurance: 'Cl',
      },
    });
    const added = await house.app.house.migration.sources.add(down, { actor: 'operator:test' });
    if (added.outcome !== 'added') throw new Error(JSON.stringify(added));
    for (const who of ['elen', 'nia']) await house.account(`${who}@example.org`, PASSWORD);
  }, 120_000);
  afterAll(async () => {
    await stop();
    await house.close();
    await rm(folder, { recursive: true });
  });

  /** By a link of the old service's own page. */
  async function begin(source: string, options: Parameters<House['visitor']>[0] = {}): Promise<Page> {
    const page = await (await house.visitor(options)).newPage();
    await page.goto(`${house.rent.origin}/start?old_source=${source}`);
    await press(page, /Continue|Parhau/);
    return page;
  }

  async function atOldSystem(page: Page): Promise<void> {
    await page.getByLabel('User name').fill('anna');
    await page.getByLabel('Password').fill(PASSWORD);
    await press(page, 'Sign in');
  }

  async function proveAddress(page: Page, address: string): Promise<void> {
    await page.getByLabel('Email address').fill(address);
    await press(page, 'Send me a code');
    await page.getByLabel('Code').fill(await house.codeFrom(address));
    await press(page, 'Continue');
  }

  async function choosePassword(page: Page): Promise<void> {
    await page.getByLabel('New password', { exact: true }).fill('seven grey geese in a row');
    await press(page, 'Continue');
  }

  async function finish(page: Page): Promise<string> {
    await press(page, 'Confirm and continue');
    return heading(page);
  }

  it('M20: leaves for another issuer, comes back, chooses a password and signs in', async () => {
    const page = await (await house.visitor()).newPage();
    await page.goto(`${house.rent.origin}/start`);
    await page.getByRole('link', { name: 'I have an old account' }).click();
    await look(page, 'old-service-many');
    await page.getByLabel('Which old service').selectOption({ label: 'M20 Health Login' });
    await press(page, 'Continue');
    await look(page, 'old-departure');
    await page.getByRole('button', { name: 'Go to M20 Health Login' }).click();
    expect(await heading(page)).toBe('Foreign issuer');
    await atOldSystem(page);
    await look(page, 'old-email-after-departure');
    await proveAddress(page, 'm20@example.org');
    await look(page, 'old-new-password');
    await choosePassword(page);
    await look(page, 'old-confirm-departure');
    expect(await finish(page)).toBe(SIGNED_IN);

    const again = await begin('m20');
    await again.getByRole('button', { name: 'Go to M20 Health Login' }).click();
    await atOldSystem(again);
    await look(again, 'old-departure-refused');
    expect(await again.locator('.govuk-error-summary').innerText()).toContain('did not lead to an old account');
  });

  it('L9 M18: a post from the partner’s page, which brings no cookie, finds its journey', async () => {
    const page = await begin('m18', { javaScriptEnabled: false });
    await page.getByRole('button', { name: 'Go to M18 University' }).click();
    await atOldSystem(page);
    await press(page, 'Continue');
    expect(new URL(page.url()).origin).toBe(house.issuer);
    await proveAddress(page, 'm18@example.org');
    await choosePassword(page);
    expect(await finish(page)).toBe(SIGNED_IN);
  });

  it('M41: a card is shown at the gateway, which says whose it is', async () => {
    const page = await begin('m41', { javaScriptEnabled: false });
    await page.getByRole('button', { name: 'Go to M41 Clinical Records' }).click();
    await press(page, 'Continue');
    await proveAddress(page, 'm41@example.org');
    await choosePassword(page);
    expect(await finish(page)).toBe(SIGNED_IN);
  });

  it('M39: password, code of the token, and the code after it', async () => {
    const page = await begin('m39');
    await page.getByLabel('User name').fill('anna');
    await page.getByLabel('Old password', { exact: true }).fill(PASSWORD);
    await press(page, 'Continue');
    await look(page, 'old-second-round');
    await page.getByLabel('Code').fill('654321');
    await press(page, 'Continue');
    await look(page, 'old-third-round');
    await page.getByLabel('Code').fill('123456');
    await press(page, 'Continue');
    await proveAddress(page, 'm39@example.org');
    expect(await page.locator('main').innerText()).toContain('your old password from now on');
    expect(await finish(page)).toBe(SIGNED_IN);
  });

  it('M25: three characters of a word, after the password', async () => {
    const page = await begin('m25');
    await page.getByLabel('User name').fill('anna');
    await page.getByLabel('Old password', { exact: true }).fill(PASSWORD);
    await press(page, 'Continue');
    await look(page, 'old-several-fields');
    for (const [position, character] of Array.from('Llanfairpwll').entries()) {
      const box = page.getByLabel(`Character ${position + 1} of`);
      if ((await box.count()) > 0) await box.fill(character);
    }
    await press(page, 'Continue');
    expect(await heading(page)).toBe('Your email address');
  });

  it('M31: a link opens the page where it was asked for; a reference and a name support it', async () => {
    const page = await begin('m31');
    await look(page, 'old-way');
    await page.getByLabel('By signing in as you did').check();
    await press(page, 'Continue');
    await page.getByLabel('User name').fill('anna');
    await press(page, 'Continue');
    await look(page, 'old-link-sent');
    const link = /http:\S+/.exec((await house.mail('anna.m31@example.test')).body)?.[0] ?? '';
    await page.goto(link);
    expect(await page.getByLabel('Code').inputValue(), 'opening it has not used it').not.toBe('');
    await press(page, 'Continue');
    await look(page, 'old-further');
    await page.getByLabel('Reference number').fill('M31-0001');
    await page.getByLabel('Full name').fill('Anna Hughes');
    await press(page, 'Continue');
    await proveAddress(page, 'm31@example.org');
    await choosePassword(page);
    expect(await finish(page)).toBe(SIGNED_IN);
  });

  it('M30: facts find the record, and a code to the contact on record proves it', async () => {
    const page = await begin('m30');
    await page.getByLabel('By signing in as you did').check();
    await press(page, 'Continue');
    await look(page, 'old-facts');
    await page.getByLabel('Permit number').fill('ZU 1234567');
    await page.getByLabel('Date of birth').fill('29 2 1984');
    await page.getByLabel('Nationality').fill('Irish');
    await press(page, 'Continue');
    await page.getByLabel('Permit number').fill('ZU1234567');
    await press(page, 'Continue');
    await page.getByLabel('Code').fill(await house.codeFrom('anna.m30@example.test'));
    await press(page, 'Continue');
    expect(await heading(page)).toBe('Your email address');
  });

  it('F24: an old service that is down is told plainly, with other ways to prove', async () => {
    const page = await begin('down');
    await page.getByLabel('By signing in as you did').check();
    await press(page, 'Continue');
    await page.getByLabel('User name').fill('anna');
    await page.getByLabel('Old password', { exact: true }).fill(PASSWORD);
    await press(page, 'Continue');
    expect(await page.locator('main').innerText()).toContain('Harbour Dues does not answer at the moment');
    await look(page, 'old-unavailable');
    await page.getByRole('link', { name: 'Show it in another way' }).click();
    await page.getByLabel('With a code sent to the email').check();
    await press(page, 'Continue');
    expect(await page.getByLabel('User name').count()).toBe(1);
  });

  it('M19: is added to an account, in Welsh', async () => {
    const page = await signedIn(house, 'elen@example.org', { language: 'cy' });
    await page.goto(`${house.issuer}/account/old-accounts/add`);
    await look(page, 'add-choose-many-cy');
    await page.getByLabel('Gyda pha hen wasanaeth').selectOption({ label: 'M19 Mewnrwyd Staff' });
    await press(page, 'Parhau');
    await look(page, 'add-departure-cy');
    await page.getByRole('button', { name: 'Mynd i M19 Mewnrwyd Staff' }).click();
    await atOldSystem(page);
    await press(page, 'Continue');
    await look(page, 'add-confirm-departure-cy');
    await press(page, 'Ychwanegu’r hen gyfrif hwn');
    await look(page, 'add-done-cy');
    await page.goto(`${house.issuer}/account/old-accounts`);
    expect(await page.locator('main').innerText()).toContain('M19 Mewnrwyd Staff');
  });

  it('M12: an id and an access code are added to an account, in two rounds', async () => {
    const page = await signedIn(house, 'nia@example.org');
    await page.goto(`${house.issuer}/account/old-accounts/add`);
    await page.getByLabel('Which old service').selectOption({ label: 'M12 Tax Gateway' });
    await press(page, 'Continue');
    await page.getByLabel('User ID').fill('00 12 34 56 78 90');
    await page.getByLabel('Old password', { exact: true }).fill(PASSWORD);
    await press(page, 'Continue');
    await look(page, 'add-second-round');
    await page.getByLabel('Code').fill('111111');
    await press(page, 'Continue');
    await look(page, 'add-wrong-code');
    await page.getByLabel('Code').fill('204060');
    await press(page, 'Continue');
    await press(page, 'Add this old account');
    expect(await heading(page)).toBe('Old account added');
  });

  it('M42: an agent is told that only her own account comes along', async () => {
    const page = await begin('m42');
    await page.getByLabel('User name').fill('anna');
    await page.getByLabel('Old password', { exact: true }).fill(PASSWORD);
    await press(page, 'Continue');
    await proveAddress(page, 'm42@example.org');
    await look(page, 'old-confirm-agent');
    expect(await page.locator('main').innerText()).toContain('You act for others with this account');
    expect(await finish(page)).toBe(SIGNED_IN);
  });
});
