import { codesInHand } from '../../stand-ins/exported/codes-in-hand.ts';
import type { ExportedSource } from '../../stand-ins/exported/exported-source.ts';
import { knownFacts } from '../../stand-ins/exported/known-facts.ts';
import { type DemoMethod, USER_NAME } from './demo-method.ts';

/** Of "correct horse battery staple", by bcrypt. */
export const HASH = '$2b$10$Xgcn131iOj.5riwsn/koM.p5/gl4683KuCitBRosKYHdPonKJ3ClW';

type Words = Pick<DemoMethod, 'id' | 'method' | 'family' | 'level' | 'name' | 'proofs'> &
  Partial<Pick<DemoMethod, 'needed' | 'identifier'>>;

const FACTS: DemoMethod['proofs'][number] = { kind: 'reference-and-fact', facts: ['name'] };
const label = (en: string, cy: string): DemoMethod['identifier'] => ({
  label: { en, cy },
  normalise: ['upper-case', 'drop-spaces', 'drop-hyphens'],
});

/** M25 to M38: nothing runs any more; what people know or hold is checked against the old system's export. */
const methods: readonly Words[] = [
  {
    id: 'M25',
    method: 'Chosen characters of a memorable word',
    family: 'F9 knowledge',
    level: 'Cl',
    name: { en: 'Savings Direct', cy: 'Cynilion Uniongyrchol' },
    proofs: ['old-sign-in'],
  },
  {
    id: 'M26',
    method: 'PIN from a letter',
    family: 'F9 knowledge',
    level: 'Cl',
    name: { en: 'Housing Benefit Online', cy: 'Budd-dal Tai Ar-lein' },
    proofs: ['old-sign-in'],
  },
  {
    id: 'M27',
    method: 'Security questions (only beside a password)',
    family: 'F9 knowledge',
    level: 'Cl',
    name: { en: 'Careers Service', cy: 'Gwasanaeth Gyrfaoedd' },
    proofs: ['old-password', FACTS],
    needed: 2,
  },
  {
    id: 'M28',
    method: 'Reference number and date of birth (finds a record, proves nothing)',
    family: 'F9 knowledge',
    level: 'none',
    name: { en: 'Driving Test Bookings', cy: 'Archebion Prawf Gyrru' },
    proofs: ['contact-code', FACTS],
    identifier: label('Booking reference', 'Cyfeirnod archebu'),
  },
  {
    id: 'M29',
    method: 'Driver number, National Insurance number and postcode (finds a record, proves nothing)',
    family: 'F9 knowledge',
    level: 'none',
    name: { en: 'View Your Licence', cy: 'Gweld Eich Trwydded' },
    proofs: ['contact-code', FACTS],
    identifier: label('Driver number', 'Rhif gyrrwr'),
  },
  {
    id: 'M30',
    method: 'Permit number, date of birth and nationality (finds a record, proves nothing)',
    family: 'F9 knowledge',
    level: 'none',
    name: { en: 'Residence Permits', cy: 'Trwyddedau Preswylio' },
    proofs: ['contact-code', FACTS],
    identifier: label('Permit number', 'Rhif trwydded'),
  },
  {
    id: 'M31',
    method: 'Magic link by e-mail (with the name on record)',
    family: 'F10 code',
    level: 'Cl',
    name: { en: 'Library Newsletter', cy: 'Cylchlythyr y Llyfrgell' },
    proofs: ['contact-code', FACTS],
  },
  {
    id: 'M32',
    method: 'Code by e-mail (with the name on record)',
    family: 'F10 code',
    level: 'Cl',
    name: { en: 'Petitions', cy: 'Deisebau' },
    proofs: ['contact-code', FACTS],
  },
  {
    id: 'M33',
    method: 'Password and code by text message',
    family: 'F10 code',
    level: 'Cl.Cm',
    name: { en: 'Visa Account', cy: 'Cyfrif Fisa' },
    proofs: ['old-sign-in'],
  },
  {
    id: 'M34',
    method: 'Phone call with a code (with the name on record)',
    family: 'F10 code',
    level: 'Cl',
    name: { en: 'Pension Line', cy: 'Llinell Bensiwn' },
    proofs: ['contact-code', FACTS],
  },
  {
    id: 'M35',
    method: 'Activation code by post',
    family: 'F10 code',
    level: 'Cl',
    name: { en: 'Company Filing', cy: 'Ffeilio Cwmnïau' },
    proofs: ['posted-code'],
  },
  {
    id: 'M36',
    method: 'Password and printed grid card',
    family: 'F10 code',
    level: 'Cl.Cm',
    name: { en: 'Court Funds', cy: 'Cronfeydd y Llys' },
    proofs: ['old-sign-in'],
  },
  {
    id: 'M37',
    method: 'Password and authenticator app (TOTP)',
    family: 'F11 otp',
    level: 'Cl.Cm',
    name: { en: 'Apprenticeships', cy: 'Prentisiaethau' },
    proofs: ['old-sign-in'],
  },
  {
    id: 'M38',
    method: 'Password and token with a button (HOTP)',
    family: 'F11 otp',
    level: 'Cl.Cm',
    name: { en: 'Land Charges', cy: 'Pridiannau Tir' },
    proofs: ['old-sign-in'],
  },
];

const exportsOf = new Map<string, ExportedSource>([...knownFacts, ...codesInHand].map((one) => [one.method, one]));

const FURTHER = 'Then a code comes to her mailbox.';

export const inExports: readonly DemoMethod[] = methods.map((words) => {
  const found = exportsOf.get(words.id);
  if (!found) throw new Error(`no export for ${words.id}`);
  const { adapter, method: _, tell, ...row } = found;
  // Mailboxes of their own: the inbox then says which one of them it was.
  const email = `anna.${words.id.toLowerCase()}@example.test`;
  const usesPassword = 'alongside' in adapter || words.id === 'M27';
  const sayWho = words.identifier === undefined ? `User name anna${usesPassword ? ', her usual password' : ''}. ` : '';
  const number =
    words.identifier === undefined ? `Then reference ${words.id}-0001 and her name, Anna Hughes.` : FURTHER;
  const further = words.proofs.length > 1 && !usesPassword ? ` ${number}` : '';
  return {
    identifier: USER_NAME,
    ...words,
    tell: `${sayWho}${tell}${further}`,
    adapter: () => adapter,
    row: { id: `${words.id}-0001`, name: 'Anna Hughes', ...(usesPassword && { password: HASH }), ...row, email },
  };
});
