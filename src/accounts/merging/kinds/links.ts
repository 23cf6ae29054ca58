import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { entriesOf, type LinkRow, type Side } from '../sides.ts';
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
    const isTheirs = (link: LinkRow): boolean => had.has(link.linkId) || wasProvedBy(link, absorbed);
    return {
      survivor: { ...survivor, links: survivor.links.filter((link) => !isTheirs(link)) },
      absorbed: { ...absorbed, links: [...absorbed.links, ...survivor.links.filter(isTheirs)] },
    };
  },
};

const Proofs = Type.Array(
  Type.Object({ identityId: Type.Optional(Type.String()), credentialId: Type.Optional(Type.String()) }),
);

function wasProvedBy(link: LinkRow, side: Side): boolean {
  const proofs: unknown = JSON.parse(link.proofs);
  if (!Value.Check(Proofs, proofs)) return false;
  const own = new Set([
    ...side.contacts.map(({ identityId }) => identityId),
    ...side.passwords.map(({ credentialId }) => credentialId),
  ]);
  return proofs.some(({ identityId = '', credentialId = '' }) => own.has(identityId) || own.has(credentialId));
}
