import { entriesOf } from '../sides.ts';
import type { KindRule } from './kind-rule.ts';

/**
 * One password an account: the survivor's stays, the other is set aside in the ledger. Only where the survivor has none
 * does the other one move.
 *
 * Undone, each account has the password that it had. One that was set anew since is the survivor's.
 */
export const passwords: KindRule = {
  join({ survivor, absorbed }) {
    const became = survivor.passwords.length === 0 ? 'moved' : 'set-aside';
    return {
      pair: {
        survivor: became === 'moved' ? { ...survivor, passwords: absorbed.passwords } : survivor,
        absorbed: { ...absorbed, passwords: [] },
      },
      entries: absorbed.passwords.map((from) => ({ kind: 'password', became, from }) as const),
    };
  },

  part({ survivor, absorbed }, entries) {
    const had = entriesOf(entries, 'password').map(({ from }) => from);
    const theirs = new Set(had.map(({ credentialId }) => credentialId));
    // A re-hash keeps the row and raises its cost: that one is taken, not the copy in the ledger.
    const current = new Map(survivor.passwords.map((row) => [row.credentialId, row]));
    return {
      survivor: { ...survivor, passwords: survivor.passwords.filter(({ credentialId }) => !theirs.has(credentialId)) },
      absorbed: {
        ...absorbed,
        passwords: [...absorbed.passwords, ...had.map((row) => current.get(row.credentialId) ?? row)],
      },
    };
  },
};
