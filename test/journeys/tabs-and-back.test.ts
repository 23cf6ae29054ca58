import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ssha512Of } from '../support/legacy-estate.ts';
import { heading, look, openHouse, PASSWORD, press, type House } from './harness.ts';

describe('tabs, the back button and browsers without JavaScript', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse();
    await house.account('rhys@example.org', PASSWORD);
    await house.importOld([{ id: 'R-7', login: 'elen', hash: ssha512Of('elen-1999'), email: 'elen@example.org' }]);
  });
  afterAll(() => house.close());

  it('a second tab that is out of date is brought to where the journey stands, and says so', async () => {
    const context = await house.visitor();
    const [first, second] = [await context.newPage(), await context.newPage()];
    await first.goto(`${house.rent.origin}/start`);
    await second.goto(first.url());
    await first.getByLabel('Email address').fill('rhys@example.org');
    await press(first, 'Continue');
    await second.getByLabel('Email address').fill('somebody-else@example.org');
    await press(second, 'Continue');
    expect(await heading(second)).toBe('Enter your password');
    expect(await second.getByText('rhys@example.org').count(), 'the second tab changed nothing').toBe(1);
    await look(second, 'moved');
    await first.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await press(first, 'Sign in');
    expect(await heading(first)).toBe('Signed in to Rent support');
    await second.reload();
    expect(await heading(second)).toBe('This page has expired');
    await look(second, 'expired');
  });

  it('the back button and the back link lead to the page before, and another address undoes the first', async () => {
    const page = await (await house.visitor()).newPage();
    await page.goto(`${house.rent.origin}/start`);
    await page.getByLabel('Email address').fill('typo@example.org');
    await press(page, 'Continue');
    await page.goBack();
    expect(await page.getByLabel('Email address').inputValue()).toBe('typo@example.org');
    await page.getByLabel('Email address').fill('rhys@example.org');
    await press(page, 'Continue');
    await page.getByRole('link', { name: 'Back', exact: true }).click();
    expect(await page.getByLabel('Email address').inputValue()).toBe('rhys@example.org');
    await press(page, 'Continue');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await press(page, 'Sign in');
    expect(await heading(page)).toBe('Signed in to Rent support');
    await page.goBack();
    expect(['This page has expired', 'Sign in to Rent support', 'Enter your password']).toContain(await heading(page));
  });

  it('C14: an old account comes along with JavaScript switched off, in Welsh', async () => {
    const page = await (await house.visitor({ javaScriptEnabled: false })).newPage();
    await page.goto(`${house.rent.origin}/start?ui_locales=cy`);
    await page.getByRole('link', { name: 'Mae gen i hen gyfrif' }).click();
    await page.getByLabel('Porth Rhent').check();
    await press(page, 'Parhau');
    await page.getByLabel('User name').fill('elen');
    await page.getByLabel('Hen gyfrinair', { exact: true }).fill('elen-1999');
    await press(page, 'Parhau');
    await page.getByLabel('Cyfeiriad e-bost').fill('elen@example.org');
    await press(page, 'Anfonwch god ataf');
    const mail = await house.mail('elen@example.org');
    expect(mail.subject).toBe('Eich cod i ddod â hen gyfrif i Latchkey');
    await page.getByLabel('Cod', { exact: true }).fill(/\b\d{6}\b/.exec(mail.body)?.[0] ?? '');
    await press(page, 'Parhau');
    await press(page, 'Cadarnhau a pharhau');
    expect(await page.locator('#sub').innerText()).toBe('R-7');
    expect((await house.mail('elen@example.org')).subject).toBe('Mae hen gyfrif wedi’i ychwanegu at gyfrif Latchkey');
  });
});
