import type { Accounts } from '../../../accounts/index.ts';
import type { KeyRing } from '../../../platform/crypto/key-ring.ts';
import type { PasswordWork } from '../../../platform/crypto/password-work.ts';
import type { Database } from '../../../platform/postgres/database.ts';
import type { SourceSecrets } from '../../sources/column-reading.ts';

export interface WorkDependencies {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly accounts: Pick<Accounts, 'emailKeyOf' | 'heldEmails'>;
  /** Weak hashes are wrapped by it. */
  readonly passwordWork: PasswordWork;
  readonly sourceSecrets?: SourceSecrets | undefined;
  /** Opens a file by the place that the plan names. @throws with a `code` of Node, as `ENOENT`, where it cannot be read here. */
  readonly openFile: (place: string) => AsyncIterable<Uint8Array>;
  readonly now: () => Date;
}
