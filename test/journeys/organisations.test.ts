import { Readable } from 'node:stream';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rentCsv, rentPortal, ssha512Of } from '../support/legacy-estate.ts';
import { signedIn } from './account-visitor.ts';
import { heading, look, openHouse, PASSWORD, press, type House } from './harness.ts';

const OPERATOR = { actor: 'operator:test' };
const SHARED = 'oars-and-blades-1987';

describe('M42 M43: what comes along with old accounts that are not one person’s', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse({ sources: ['club-portal'] });
    const { migration } = house.app.house;
    for (const changes of [
      {
        source: 'club-portal',
        name: { en: 'Club Portal', cy: 'Porth Clybiau' },
        holder: 'organisation',
        subjects: 'none',
      },
      {
        source: 'tax-agents',
        name: { en: 'Tax Agents', cy: 'Asiantau Treth' },
        holder: 'agent',
        sectors: ['tax.example'],
      },
    ]) {
      const added = await migration.sources.add(rentPortal(changes), OPERATOR);
      if (added.outcome !== 'added') throw new Error(JSON.stringify(added));
    }
    const row = { hash: ssha512Of(SHARED), email: 'office@rowing.example', name: 'Rhyl Rowing Club' };
    await load('club-portal', [
      { id: 'C-1', login: 'rhyl', ...row },
      { id: 'C-2', login: 'bala', ...row, name: 'Bala Rowing Club' },
      { id: 'C-3', login: 'tywyn', ...row, name: 'Tywyn Rowing Club' },
    ]);
    await load('tax-agents', [{ id: 'A-1', login: 'gwen', hash: ssha512Of(SHARED), name: 'Gwen' }]);
    for (const who of ['gwen', 'elen', 'cai', 'dewi', 'cymro']) await house.account(`${who}@example.org`, PASSWORD);
  });
  afterAll(() => house.close());

  async function load(source: string, people: Parameters<typeof rentCsv>[0]): Promise<void> {
    const stream = Readable.from([Buffer.from(rentCsv(people))]);
    await house.app.house.migration.importFile({ source, stream, fileName: 'export.csv', actor: OPERATOR.actor });
  }

  async function proveOld(page: Page, service: string, login: string): Promise<void> {
    await page.goto(`${house.issuer}/account/old-accounts/add`);
    await page.getByLabel(service).check();
    await press(page, 'Continue');
    await page.getByLabel('User name').fill(login);
    await page.getByLabel('Old password', { exact: true }).fill(SHARED);
    await press(page, 'Continue');
  }

  async function makeClub(page: Page, login: string): Promise<void> {
    await proveOld(page, 'Club Portal', login);
    await press(page, 'Make it an organisation');
    expect(await page.locator('.govuk-notification-banner').innerText()).toContain('has become an organisation');
  }

  async function invite(page: Page, address: string, role: 'Member' | 'Administrator' = 'Member'): Promise<string> {
    await page.getByRole('button', { name: 'Invite somebody' }).click();
    await page.getByLabel('Their email address').fill(address);
    await page.getByLabel(role, { exact: true }).check();
    await press(page, 'Send the invitation');
    expect(await page.locator('.govuk-notification-banner').innerText()).toContain('sent the invitation');
    const { body } = await house.mail(address);
    return /http\S+\/account\/join\/\S+/.exec(body)?.[0] ?? '';
  }

  const text = (page: Page): Promise<string> => page.locator('main').innerText();

  it('M43: a shared account becomes an organisation, after a plain page; both sides are told, the password is dead', async () => {
    const page = await signedIn(house, 'gwen@example.org', { javaScriptEnabled: false });
    await proveOld(page, 'Club Portal', 'rhyl');
    expect(await heading(page)).toBe('This account is shared');
    for (const part of ['Rhyl Rowing Club', 'gwen@example.org', 'only if you are in charge'])
      expect(await text(page)).toContain(part);
    expect(await text(page)).not.toContain('becomes part of your Latchkey account');
    await press(page, 'Make it an organisation');
    expect(await heading(page)).toBe('Rhyl Rowing Club');
    for (const address of ['gwen@example.org', 'office@rowing.example'])
      expect((await house.mail(address)).subject).toBe('A shared old account has become an organisation');
    const other = await signedIn(house, 'elen@example.org');
    await proveOld(other, 'Club Portal', 'rhyl');
    expect(await other.locator('.govuk-error-summary').innerText()).toContain('do not match an old account');
  });

  it('M43: members come one by one with accounts of their own, and go again', async () => {
    const page = await signedIn(house, 'elen@example.org');
    await proveOld(page, 'Club Portal', 'bala');
    await look(page, 'shared-account');
    await press(page, 'Make it an organisation');
    await look(page, 'organisation-made');
    await house.mail('elen@example.org');
    await page.getByRole('button', { name: 'Invite somebody' }).click();
    await look(page, 'organisation-invite');
    await press(page, 'Send the invitation');
    await look(page, 'organisation-invite-error');
    await page.goBack();
    await page.goBack();
    const link = await invite(page, 'cai@example.org');
    await look(page, 'organisation-invited');

    const cai = await (await house.visitor({ javaScriptEnabled: false })).newPage();
    await cai.goto(link);
    await cai.getByLabel('Email address').fill('cai@example.org');
    await press(cai, 'Continue');
    await cai.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await press(cai, 'Sign in');
    expect(await heading(cai), 'back at the invitation').toBe('Join Bala Rowing Club');
    expect(await text(cai)).not.toContain('sent to another email address');
    expect((await house.app.house.accounts.organisations.of(await idOf('cai'))).length, 'not by opening it').toBe(0);
    await press(cai, 'Join');
    expect(await heading(cai)).toBe('Bala Rowing Club');
    expect(await text(cai)).toContain('You are a member');
    expect(await text(cai), 'members see no other members').not.toContain('elen@example.org');
    const told = await house.mail('elen@example.org');
    expect(told.subject).toBe('Somebody has joined Bala Rowing Club');
    expect(told.body).toContain('cai@example.org');

    await page.goto(page.url());
    await look(page, 'organisation-members');
    await page.getByRole('link', { name: 'Remove (cai@example.org)' }).click();
    await look(page, 'organisation-remove');
    await press(page, 'Remove');
    expect((await house.mail('cai@example.org')).subject).toBe('You no longer act for Bala Rowing Club');
    await cai.reload();
    expect(await heading(cai)).not.toBe('Bala Rowing Club');
    await page.getByRole('link', { name: 'Leave (elen@example.org)' }).click();
    await press(page, 'Leave');
    expect(await heading(page)).toBe('An organisation needs an administrator');
    await look(page, 'organisation-last');
    await page.goto(`${house.issuer}/account`);
    await look(page, 'account-with-organisation');
  });

  it('M43: a forwarded invitation joins the account of whoever confirms, once, and the inviter sees whose', async () => {
    const page = await signedIn(house, 'cai@example.org');
    await makeClub(page, 'tywyn');
    await house.mail('cai@example.org');
    const link = await invite(page, 'somebody-else@example.org', 'Administrator');
    const dewi = await signedIn(house, 'dewi@example.org');
    await dewi.goto(link);
    expect(await text(dewi)).toContain('sent to another email address');
    await look(dewi, 'organisation-join');
    await press(dewi, 'Join');
    const told = await house.mail('cai@example.org');
    expect(told.body).toContain('dewi@example.org');
    expect(told.body).toContain('s•••@example.org');
    const gwen = await signedIn(house, 'gwen@example.org');
    await gwen.goto(link);
    expect(await heading(gwen)).toBe('This invitation cannot be used');
    await look(gwen, 'organisation-gone');
  });

  it('M43: the same pages in Welsh', async () => {
    await load('club-portal', [{ id: 'C-4', login: 'corwen', hash: ssha512Of(SHARED), name: 'Clwb Rhwyfo Corwen' }]);
    const page = await signedIn(house, 'cymro@example.org', { language: 'cy' });
    await page.goto(`${house.issuer}/account/old-accounts/add`);
    await page.getByLabel('Porth Clybiau').check();
    await press(page, 'Parhau');
    await page.locator('#login').fill('corwen');
    await page.locator('#password').fill(SHARED);
    await press(page, 'Parhau');
    expect(await heading(page)).toBe('Mae’r cyfrif hwn yn cael ei rannu');
    await look(page, 'shared-account-cy');
    await press(page, 'Ei wneud yn sefydliad');
    await look(page, 'organisation-made-cy');
    await page.getByRole('button', { name: 'Gwahodd rhywun' }).click();
    await look(page, 'organisation-invite-cy');
  });

  it('M43: who is at a first sign-in chooses a password of their own, and keeps none that others know', async () => {
    await load('club-portal', [{ id: 'C-5', login: 'porth', hash: ssha512Of(SHARED), name: 'Porth Rowing Club' }]);
    const page = await (await house.visitor()).newPage();
    await page.goto(`${house.rent.origin}/start?old_source=club-portal`);
    await press(page, 'Continue');
    await page.getByLabel('User name').fill('porth');
    await page.getByLabel('Old password', { exact: true }).fill(SHARED);
    await press(page, 'Continue');
    await page.getByLabel('Email address').fill('new-one@example.org');
    await press(page, 'Send me a code');
    await page.getByLabel('Code').fill(await house.codeFrom('new-one@example.org'));
    await press(page, 'Continue');
    await page.getByLabel('New password', { exact: true }).fill('seven grey geese in a row');
    await press(page, 'Continue');
    expect(await heading(page)).toBe('This account is shared');
    await look(page, 'first-sign-in-shared');
    await press(page, 'Make it an organisation');
    expect(await heading(page)).toBe('Signed in to Rent support');
    const { accounts } = house.app.house;
    const accountId = (await accounts.findByEmail('new-one@example.org')) ?? '';
    expect(await accounts.organisations.of(accountId)).toMatchObject([{ name: 'Porth Rowing Club' }]);
    expect(await accounts.checkPassword('new-one@example.org', SHARED)).toMatchObject({ outcome: 'mismatch' });
  });

  it('M42: an agent sees whom they act for, under the old account', async () => {
    const file =
      'agent,client,right,from,until\nA-1,C-118,file returns,,2090-03-31\nA-1,C-204,read,,\nA-1,C-1,read,,2020-01-01\n';
    const stream = Readable.from([Buffer.from(file)]);
    const { rights } = house.app.house.migration;
    expect(await rights.importFile({ source: 'tax-agents', stream, actor: OPERATOR.actor })).toMatchObject({
      created: 3,
    });
    const page = await signedIn(house, 'gwen@example.org');
    await proveOld(page, 'Tax Agents', 'gwen');
    expect(await text(page)).toContain('You act for others with this account');
    await press(page, 'Add this old account');
    await page.goto(`${house.issuer}/account/old-accounts`);
    await look(page, 'old-accounts-agent');
    await page.getByRole('link', { name: /^See who you act for/ }).click();
    await look(page, 'who-you-act-for');
    for (const part of ['Who you act for', 'C-118', 'file returns', '31 March 2090', 'C-204', 'No end date'])
      expect(await text(page)).toContain(part);
    expect(await text(page), 'one that has run out is not shown').not.toContain('2020');
  });

  it('M43: to somebody who is not part of it an organisation does not exist; a stale link does nothing', async () => {
    const [one] = await house.app.house.accounts.organisations.of(await idOf('elen'));
    const page = await signedIn(house, 'dewi@example.org');
    for (const path of ['', '/invite', `/members/${one?.organisationId}/remove`]) {
      const answer = await page.goto(`${house.issuer}/account/organisations/${one?.organisationId}${path}`);
      expect(answer?.status(), `at ${path}`).toBe(404);
    }
    const answer = await page.goto(`${house.issuer}/account/join/${one?.organisationId}.${'A'.repeat(43)}`);
    expect(answer?.status()).toBe(404);
  });

  const idOf = async (who: string): Promise<string> =>
    (await house.app.house.accounts.findByEmail(`${who}@example.org`)) ?? '';
});
