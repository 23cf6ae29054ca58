export interface OldPerson {
  readonly id: string;
  readonly login: string;
  readonly password: string;
  readonly name: string;
  readonly email: string;
  readonly state: 'open' | 'closed' | 'locked' | 'expired' | 'new-password';
}

const PASSWORD = 'correct horse battery staple';

const person = (id: string, login: string, changes: Partial<OldPerson> = {}): OldPerson => ({
  id,
  login,
  password: PASSWORD,
  name: 'Anna Example',
  email: `${login}@old.example`,
  state: 'open',
  ...changes,
});

/** Who do not exist, and whom every stand-in of this folder knows. */
const people: readonly OldPerson[] = [
  person('M-1001', 'anna'),
  person('M-1002', 'disabled-dan', { name: 'Dan Example', state: 'closed' }),
  person('M-1003', 'locked-lou', { name: 'Lou Example', state: 'locked' }),
  person('M-1004', 'expired-ed', { name: 'Ed Example', state: 'expired' }),
  person('M-1005', 'must-change-mia', { name: 'Mia Example', state: 'new-password' }),
  person('M-1006', 'zoë', { name: 'Zoë & Søn <Example>', password: 'pässwörd & <密码> "\'{login}' }),
  // One person with two ids, as the Gateway has many; a name of theirs is twelve digits.
  person('C-1', '001234567890'),
  person('C-2', '998877665544'),
  person('C-3', '111122223333', { name: 'No Phone' }),
  person('C-4', '555566667777', { name: 'Dan Example', state: 'closed' }),
];

export const find = (login: string): OldPerson | undefined => people.find((candidate) => candidate.login === login);

/** Whoever the two belong to, open or not. */
export function check(login: string, password: string): OldPerson | undefined {
  const known = find(login);
  return known?.password === password ? known : undefined;
}
