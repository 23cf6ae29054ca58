import type { Config } from '../platform/config/config-schema.ts';
import type { KeyRing } from '../platform/crypto/key-ring.ts';
import type { PasswordWork } from '../platform/crypto/password-work.ts';
import type { Database } from '../platform/postgres/database.ts';
import type { AccountsDeps } from './accounts-deps.ts';
import type { Accounts } from './accounts.ts';
import { checkPassword, checkPasswordOf } from './credentials/check-password.ts';
import { createAttempts } from './credentials/count-attempts.ts';
import { hashPassword } from './credentials/hash-password.ts';
import { passwordPolicy } from './credentials/judge-password.ts';
import { createCodes } from './credentials/one-time-codes.ts';
import { setPassword } from './credentials/set-password.ts';
import { createLegacyVerifiers } from './credentials/verifiers/verify-legacy-hash.ts';
import { addEmail } from './identities/add-email.ts';
import { createContacts } from './identities/create-contacts.ts';
import { emailKey } from './identities/email-key.ts';
import { createDevices } from './identities/remember-device.ts';
import { createAccount } from './lifecycle/create-account.ts';
import { createLinking } from './lifecycle/note-link.ts';
import { readAccount } from './lifecycle/read-account.ts';
import { createSessionEndings } from './lifecycle/session-endings.ts';
import { createMerging } from './merging/create-merging.ts';
import { createOrganisations } from './organisations/create-organisations.ts';
import type { OnSubjectsMerged } from './merging/merging-deps.ts';
import { heldEmailKeys, holderOfEmail } from './store/email-rows.ts';
import { createSubjects } from './subjects/create-subjects.ts';

export interface AccountsOptions {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly passwordWork: PasswordWork;
  readonly config: Pick<Config, 'subjects'>;
  readonly now?: () => Date;
  /** Hears of every sub that stands for another one since a merge, or for itself again. */
  readonly onSubjectsMerged?: OnSubjectsMerged | undefined;
  /** Hears of what failed without failing anybody: a re-hash that could not be written. */
  readonly onError?: (error: unknown) => void;
}

export function createAccounts(options: AccountsOptions): Accounts {
  const { db, keyRing, passwordWork, config, now = () => new Date(), onError = () => undefined } = options;
  const attempts = createAttempts({ db, keyRing, now });
  const deps: AccountsDeps = { db, keyRing, passwordWork, attempts, now, onError };
  const codes = createCodes({ db, keyRing, now });
  return {
    read: (accountId) => readAccount(deps, accountId),
    findByEmail: (address) => holderOfEmail(db, emailKey(keyRing, address)),
    emailKeyOf: (address) => emailKey(keyRing, address),
    heldEmails: heldEmailKeys,
    create: (tx, account, meta) => createAccount(deps, tx, account, meta),
    addEmail: (tx, accountId, email, meta) => addEmail(deps, tx, { accountId, ...email }, meta),
    setPassword: (tx, accountId, password, meta) => setPassword(deps, tx, { accountId, ...password }, meta),
    checkPassword: (address, password) => checkPassword(deps, address, password),
    checkPasswordOf: (accountId, password) => checkPasswordOf(deps, accountId, password),
    hashPassword: (password) => hashPassword(passwordWork, password),
    passwordPolicy,
    verifiers: createLegacyVerifiers(passwordWork),
    codes,
    attempts,
    devices: createDevices({ db, keyRing, now }),
    subjects: createSubjects(deps, config.subjects),
    merging: createMerging({ db, keyRing, now, onSubjectsMerged: options.onSubjectsMerged }),
    linking: createLinking(deps),
    contacts: createContacts({ ...deps, codes }),
    organisations: createOrganisations(deps),
    endings: createSessionEndings(deps),
  };
}
