import type { BrowserContextOptions, Page } from 'playwright-core';
import { Citizen } from './citizen.ts';
import { PASSWORD, press, type House } from './harness.ts';

const LABELS = {
  en: { address: 'Email address', password: 'Password', on: 'Continue', signIn: 'Sign in' },
  cy: { address: 'Cyfeiriad e-bost', password: 'Cyfrinair', on: 'Parhau', signIn: 'Mewngofnodi' },
} as const;

export interface VisitorOptions extends BrowserContextOptions {
  readonly language?: 'en' | 'cy';
  readonly password?: string;
}

/** Somebody who has just signed in to "your account", in a browser of their own. */
export async function signedIn(
  house: House,
  address: string,
  { language = 'en', password = PASSWORD, ...context }: VisitorOptions = {},
): Promise<Page> {
  const page = await (await house.visitor({ locale: `${language}-GB`, ...context })).newPage();
  const labels = LABELS[language];
  await page.goto(`${house.issuer}/account`);
  await page.getByLabel(labels.address).fill(address);
  await press(page, labels.on);
  await page.getByLabel(labels.password, { exact: true }).fill(password);
  await press(page, labels.signIn);
  return page;
}

/** The same without a browser engine, for what must hold on the wire. */
export async function signedInCitizen(house: House, address: string, password = PASSWORD): Promise<Citizen> {
  const citizen = new Citizen(house.issuer);
  await citizen.get('/account');
  await citizen.send({ address });
  await citizen.send({ password });
  if (citizen.heading !== 'Your account') throw new Error(`not signed in: ${citizen.heading}`);
  return citizen;
}
