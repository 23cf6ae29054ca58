import type { Field } from '../../legacy/index.ts';
import { allowedProof, type Fact } from '../sources/proof-policy.ts';
import type { Source } from '../sources/definition.ts';
import { asks, type OwnWay, withoutPassword } from './own-way.ts';

const FIELD_OF = {
  name: { kind: 'text', label: { key: 'full-name' } },
  'birth-date': { kind: 'date', label: { key: 'date-of-birth' } },
  postcode: { kind: 'text', label: { key: 'postcode' } },
} as const satisfies Record<Fact, Omit<Field, 'name'>>;

/** The old id as it stands on paper, and the first fact that the policy names. It supports another proof, no more. */
export const proveByReference: OwnWay = {
  ask(source) {
    const { identifier, file } = source.definition;
    const { id, login = id } = file.columns;
    // Where people signed in with something else, the old id has a name of its own on paper.
    const label: Field['label'] = login === id ? identifier.label : { key: 'reference' };
    const reference: Field = { name: 'reference', kind: 'text', label };
    return asks([reference, { name: 'fact', ...FIELD_OF[factOf(source)] }]);
  },
  async answer({ proofs }, source, { fields, ip, place }) {
    const fact = { kind: factOf(source), value: fields['fact'] ?? '' };
    const reference = fields['reference'] ?? '';
    return withoutPassword(await proofs.checkReference({ source: source.source, reference, fact, ip, ...place }));
  },
};

const factOf = ({ definition }: Source): Fact =>
  allowedProof(definition.policy, 'reference-and-fact')?.facts[0] ?? 'birth-date';
