import { demoPeople } from './estate/people.ts';
import type { DemoOperator } from './estate/demo-operators.ts';
import type { RunningService } from './services/service-setting.ts';

interface Running {
  readonly issuer: string;
  readonly services: readonly RunningService[];
  readonly staff: readonly DemoOperator[];
  readonly seconds: number;
}

/** What `npm start` prints when everything answers. */
export function welcome({ issuer, services, staff, seconds }: Running): string {
  const width = Math.max(...demoPeople.map(({ login }) => login.length));
  const passwords = Math.max(...demoPeople.map(({ password }) => password.length));
  const sources = [...new Set(demoPeople.map(({ source }) => source))];
  return `
  Latchkey is running (${seconds.toFixed(1)} s). Begin at one of the demo services:

${services.map(({ service, origin }) => `    ${origin}   ${service.name.en} (${service.department.name.en})`).join('\n')}

    ${issuer}/account       your account
    ${issuer}/dev/inbox     mail and texts: codes land here, nothing is really sent
    ${issuer}/operators     operators' pages, by passkey (a device with a fingerprint reader or PIN, or a security key)
${staff.map((one) => invitationOf(one)).join('\n')}

  Choose "I have an old account" there, or create a new one. "Old sign-in methods" lists all 44, each with
  somebody to try it as; people of the other two (old user name, old password; any e-mail address will do):
${sources
  .map(
    (source) => `
    ${TITLES[source]}
${demoPeople
  .filter((person) => person.source === source)
  .map(({ login, password, remark }) => `      ${login.padEnd(width)}   ${password.padEnd(passwords)}   ${remark}`)
  .join('\n')}`,
  )
  .join('\n')}

  Ctrl-C stops everything. The data stays in .latchkey/; remove that folder to begin again.
`;
}

const TITLES = {
  'rent-portal': 'Rent Support Portal',
  'student-loans': 'Student Loans Online',
  'farm-register': 'Farm Payments Register',
} as const;

function invitationOf({ name, does, invitation }: DemoOperator): string {
  if (invitation === undefined) return `      ${name} (${does}) has a passkey already`;
  return `      invitation for ${name} (${does}):\n      ${invitation}`;
}
