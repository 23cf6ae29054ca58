import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '../../src/operators/access/permissions.ts';
import { rentCsv, SLOW_HASH } from '../support/legacy-estate.ts';
import { manySystems } from '../support/many-systems.ts';
import { signInBySession, testOperator } from '../support/operators.ts';
import { heading, type House, look, openHouse, press } from './harness.ts';

let house: House;
let folder: string;
let olwen: Page;
let bryn: Page;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-cockpit-'));
  house = await openHouse({ runsFolder: folder });
  await manySystems(house.app.house);
  olwen = await operator('olwen', ['migrator', 'support']);
  bryn = await operator('bryn', ['approver']);
});
afterAll(async () => {
  await house.close();
  await rm(folder, { recursive: true });
});

async function operator(handle: string, roles: readonly Role[], options = {}): Promise<Page> {
  const context = await house.visitor(options);
  await signInBySession(context, house.issuer, await testOperator(house.app.house, { roles, handle }));
  return context.newPage();
}

const go = (page: Page, path: string): Promise<unknown> => page.goto(`${house.issuer}${path}`);

/** Looks at it in both languages. */
async function lookTwice(page: Page, path: string, name: string): Promise<void> {
  const joint = path.includes('?') ? '&' : '?';
  await go(page, `${path}${joint}lng=cy`);
  await look(page, `${name}-cy`);
  await go(page, `${path}${joint}lng=en`);
  await look(page, name);
}

describe('190 systems', () => {
  it('are seen at a glance, narrowed, and opened from there', async () => {
    await go(bryn, '/operators');
    expect(await heading(bryn)).toBe('Old account systems');
    expect(await bryn.locator('.lk-tile').count()).toBe(192);
    await lookTwice(bryn, '/operators/systems', 'systems');
    await bryn.getByLabel('Name').fill('system-015');
    await bryn.keyboard.press('Enter');
    await bryn.waitForURL(/search=system-015/);
    expect(await bryn.locator('.lk-tile').count()).toBe(1);
    await bryn.locator('.lk-tile').focus();
    await bryn.keyboard.press('Enter');
    await bryn.waitForURL('**/operators/systems/system-015');
  });

  it('show one system day by day, with a forecast in words', async () => {
    await lookTwice(bryn, '/operators/systems/system-008', 'system');
    expect(await bryn.locator('main').innerText()).toMatch(/About [\d,]+ accounts will not come by themselves/);
    expect(await bryn.locator('svg[role=img]:visible').count(), 'one of the two sizes is shown').toBe(2);
  });
});

describe('a run of two systems', () => {
  let here: string;
  const person = (id: string, email: string) => ({ id, hash: SLOW_HASH, email, name: 'Ann Example' });
  const rows = (count: number) => Array.from({ length: count }, (_, at) => person(`P${at}`, `p${at}@example.org`));
  const work = () => house.app.house.migration.runs.work({ runId: here.slice(-36), untilIdle: true });

  it('is planned by one, from files that they send', async () => {
    await go(olwen, '/operators/runs/new');
    await look(olwen, 'plan-empty');
    const csv = `${rentCsv([...rows(400), person('T1', 'twice@example.org'), person('T2', 'twice@example.org')])}X1,x1,notahash,,Bad,live\n`;
    await olwen.getByLabel('Exports of old systems').setInputFiles([
      { name: 'rent-portal.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) },
      { name: 'parking-permits.csv', mimeType: 'text/csv', buffer: Buffer.from(rentCsv(rows(120))) },
    ]);
    await press(olwen, 'Send');
    expect(await olwen.locator('.govuk-notification-banner').innerText()).toContain('2 files are in the folder');
    await olwen.getByLabel('Title').fill('Housing and parking, first export');
    await look(olwen, 'plan');
    await press(olwen, 'Look at the files');
    expect(await heading(olwen)).toBe('Look at what was found');
    await look(olwen, 'confirm');
    await press(olwen, 'Put this run on record');
    here = new URL(olwen.url()).pathname;
    await look(olwen, 'run-planned');
    await press(olwen, 'Validate and rehearse');
    await work();
    await go(olwen, here);
    expect(await olwen.locator('main').innerText()).toContain('somebody else must approve it');
  });

  it('is approved by another with the keyboard, and run', async () => {
    await lookTwice(bryn, '/operators/runs', 'runs-to-approve');
    await lookTwice(bryn, here, 'run-rehearsed');
    await bryn.getByRole('button', { name: 'Approve this run' }).focus();
    await bryn.keyboard.press('Enter');
    await bryn.waitForURL(/live=on/);
    await go(olwen, here);
    await press(olwen, 'Start the run');
    await house.app.house.db.query({
      text: `UPDATE run_parts SET progress = $2 WHERE run_id = $1`,
      values: [
        here.slice(-36),
        {
          phase: 'staging',
          rows: 211,
          share: 0.52,
          rowsPerSecond: 3,
          secondsLeft: 64,
          at: new Date().toISOString(),
        },
      ],
    });
    await go(bryn, `${here}?live=on`);
    expect(await bryn.locator('main').innerText()).toMatch(/52%/);
    // Reloading by itself is what they asked for, and one link ends it (WCAG 2.2.1).
    await look(bryn, 'run-live', ['meta-refresh']);
    await bryn.getByRole('link', { name: 'Stop reloading' }).click();
    await look(bryn, 'run-watched');
    await go(bryn, `${here}?lng=cy`);
    await look(bryn, 'run-watched-cy');
    await work();
    await lookTwice(bryn, here, 'run-done');
    await lookTwice(bryn, `${here}/rows?outcome=needs-proof`, 'rows');
    await lookTwice(bryn, `${here}/balance`, 'balance');
    await bryn.locator('a[href*="/files/"]').first().click();
    await bryn.waitForURL(/\/files\/\d+$/);
    await lookTwice(bryn, new URL(bryn.url()).pathname, 'file');
    await lookTwice(bryn, '/operators/runs', 'runs');
  });

  it('leaves disputed rows to their owners, shown masked to who gives a reason', async () => {
    await lookTwice(olwen, '/operators/rows', 'disputed-ask');
    await press(olwen, 'Show the rows');
    await look(olwen, 'disputed-error');
    await olwen.getByLabel('Why do you look?').fill('ticket 4711');
    await press(olwen, 'Show the rows');
    expect(await olwen.locator('tbody tr').count()).toBe(2);
    await look(olwen, 'disputed');
  });

  it('is undone with a reason, by who may', async () => {
    await go(bryn, here);
    await bryn.getByText('Undo this run …').click();
    await bryn.getByLabel('Reason').fill('the wrong export, ticket 17');
    await press(bryn, 'Undo this run');
    await work();
    await lookTwice(bryn, here, 'run-undone');
    expect(await bryn.locator('main').innerText()).toMatch(/Restored\s+522/);
  });

  it('is planned, rehearsed and stopped without JavaScript', async () => {
    const page = await operator('plain', ['migrator'], { javaScriptEnabled: false });
    await go(page, '/operators/runs/new');
    await page.getByLabel('Title').fill('Without a script');
    await page.getByRole('textbox', { name: 'Files', exact: true }).fill('rent-portal rent-portal.csv');
    await press(page, 'Look at the files');
    await press(page, 'Put this run on record');
    here = new URL(page.url()).pathname;
    await press(page, 'Validate and rehearse');
    await work();
    await go(page, here);
    expect(await page.locator('main').innerText()).toContain('Waits for approval');
    await page.getByText('Stop this run …').click();
    await page.getByLabel('Reason').fill('only tried');
    await press(page, 'Stop this run');
    expect(await page.locator('h1').innerText()).toContain('Stopped');
  });
});
