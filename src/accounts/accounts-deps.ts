import type { KeyRing } from '../platform/crypto/key-ring.ts';
import type { PasswordWork } from '../platform/crypto/password-work.ts';
import type { Database } from '../platform/postgres/database.ts';
import type { Attempts } from './credentials/count-attempts.ts';

/** What the use cases stand on. */
export interface AccountsDeps {
  readonly db: Database;
  readonly keyRing: KeyRing;
  readonly passwordWork: PasswordWork;
  readonly attempts: Attempts;
  readonly now: () => Date;
  readonly onError: (error: unknown) => void;
}
