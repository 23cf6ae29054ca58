/** The people that every stand-in for an old directory knows. */
export const PASSWORD = 'correct horse battery staple';

export const PEOPLE = {
  anna: { name: 'anna', password: PASSWORD },
  /** Barred by an administrator. */
  dan: { name: 'disabled-dan', password: PASSWORD },
  /** The password is right but too old. */
  ed: { name: 'expired-ed', password: PASSWORD },
  /** The password is right but must be changed first. */
  mia: { name: 'must-change-mia', password: PASSWORD },
  /** Neither name nor password is ASCII. */
  zoe: { name: 'zoë', password: 'pässwörd 密码' },
} as const;
