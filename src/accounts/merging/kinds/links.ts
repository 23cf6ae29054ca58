import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { entriesOf, type LinkRow, type MergeEntry, type Side } from '../sides.ts';
import type { KindRule } from './kind-rule.ts';

/**
 * Links move, the undone ones too: they are history.
 *
 * Undone, each goes back as it is now (one that was undone since stays undone). A link that was added since belongs to the
 * account whose proof made it: the absorbed one where the proof names a contact or a password of its own, else the survivor.
 */
export const links: KindRule = {
  join({ survivor, absorbed }) {
    return {
      pair: {
        survivor: { ...survivor, links: [...survivor.links, ...absorbed.links] },
        absorbed: { ...absorbed, links: [] },
      },
      entries: absorbed.links.map((from) => ({ kind: 'link', became: 'moved', from }) as const),
    };
  },

  // After contacts and passwords: by then the absorbed side holds what a proof may name.
  part({ survivor, absorbed }, entries) {
    const had = new Set(entriesOf(entries, 'link').map(({ from }) => from.linkId));
    const own = new Set([...idsOf(absorbed), ...entries.flatMap(idsIn)]);
    const isTheirs = (link: LinkRow): boolean => had.has(link.linkId) || wasProvedBy(link, own);
    return {
      survivor: { ...survivor, links: survivor.links.filter((link) => !isTheirs(link)) },
      absorbed: { ...absorbed, links: [...absorbed.links, ...survivor.links.filter(isTheirs)] },
    };
  },
};

const Proofs = Type.Array(
  Type.Object({ identityId: Type.Optional(Type.String()), credentialId: Type.Optional(Type.String()) }),
);

function wasProvedBy(link: LinkRow, own: ReadonlySet<string>): boolean {
  const proofs: unknown = JSON.parse(link.proofs);
  if (!Value.Check(Proofs, proofs)) return false;
  return proofs.some(({ identityId = '', credentialId = '' }) => own.has(identityId) || own.has(credentialId));
}

/** What a proof may name of an account: contacts and passwords, those that it had and those that it has. */
function idsOf({ contacts, passwords }: Pick<Side, 'contacts' | 'passwords'>): string[] {
  return [...contacts.map(({ identityId }) => identityId), ...passwords.map(({ credentialId }) => credentialId)];
}

function idsIn(entry: MergeEntry): string[] {
  if (entry.kind === 'contact') return [entry.from.identityId];
  return entry.kind === 'password' ? [entry.from.credentialId] : [];
}
