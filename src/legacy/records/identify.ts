import type { AdapterContext, LegacyRecord } from '../adapter.ts';
import type { Answered, Attribute, Evidence, LegacyIdentity, Level, Proved } from '../answer.ts';
import type { AttributeName } from '../attribute-name.ts';
import type { SharedSettings } from './record-settings.ts';

export interface Outcome {
  readonly evidence: Evidence;
  readonly proved: readonly Proved[];
  readonly level: Level;
  /** Which attributes go along; all that the row has when left out. */
  readonly shows?: readonly AttributeName[];
  /** When an address on record was last known to be right, where the export says so. */
  readonly asOf?: Partial<Record<AttributeName, string>>;
}

/** Makes an identity of a row: the level is the lower of what was proved and what the system deserves. */
export function identify(
  context: Pick<AdapterContext, 'source'>,
  settings: SharedSettings,
  record: LegacyRecord,
  { evidence, proved, level, shows, asOf = {} }: Outcome,
): Answered {
  const most = settings.level ?? level;
  const granted = ORDER.indexOf(level) <= ORDER.indexOf(most) ? level : most;
  const attributes = attributesOf(record)
    .filter(({ name }) => shows?.includes(name) ?? true)
    .map(({ name, value }): Attribute => ({
      name,
      value,
      from: context.source,
      asOf: asOf[name] ?? settings.exportedOn,
    }));
  const warnings: LegacyIdentity['warnings'] = granted === level ? [] : ['level-lowered'];
  const { accountKey } = record;
  return { outcome: 'identified', identity: { accountKey, evidence, proved, level: granted, attributes, warnings } };
}

const ORDER: readonly Level[] = ['none', 'Cl', 'Cl.Cm'];

function attributesOf(record: LegacyRecord): readonly { readonly name: AttributeName; readonly value: string }[] {
  const { name, email, phone, birthDate, postcode } = record;
  const all = { name, email, phone, 'birth-date': birthDate, postcode } as const;
  const names = ['name', 'email', 'phone', 'birth-date', 'postcode'] as const;
  return names.flatMap((key) => (all[key] ? [{ name: key, value: all[key] }] : []));
}
