import type { AdapterContext, LegacyRecord, Round } from '../adapter.ts';
import type { Field } from '../answer.ts';
import { isMisshapen } from './create-record-adapter.ts';
import type { AlongsideSettings } from './record-settings.ts';

/** The fields that say who it is, and the old password where it is asked for as well. */
export const loginFields = (context: AdapterContext, { alongside }: AlongsideSettings): readonly Field[] => [
  { name: 'login', kind: 'text', label: context.identifierLabel },
  ...(alongside ? [{ name: 'password', kind: 'secret', label: { key: 'password' } } as const] : []),
];

export interface Person {
  readonly login: string;
  readonly record: LegacyRecord | undefined;
  /** True where none is asked for. */
  readonly passwordOk: boolean;
}

/** The ways to write one name, when more than one is usual. */
export type Forms = (login: string) => readonly string[];
const asTyped: Forms = (login) => [login];

/** Finds who it is and checks the password; the same work for nobody. Undefined: not even worth asking. */
export async function readPerson(
  context: AdapterContext,
  { alongside }: AlongsideSettings,
  { fields }: Round,
  forms: Forms = asTyped,
): Promise<Person | undefined> {
  const { login = '', password = '' } = fields;
  if (isMisshapen(login) || (alongside && isMisshapen(password))) return undefined;
  const record = await findPerson(context, login, forms);
  const passwordOk = alongside ? await context.records.checkPassword(record?.login ?? login, password) : true;
  return { login, record, passwordOk };
}

/** Whoever all forms of a name agree on; two people who share one are nobody. */
export async function findPerson(
  { records }: AdapterContext,
  login: string,
  forms: Forms = asTyped,
): Promise<LegacyRecord | undefined> {
  const found = new Map<string, LegacyRecord>();
  for (const form of forms(login)) {
    const record = await records.find(form);
    if (record) found.set(record.accountKey, record);
  }
  const [first, ...others] = found.values();
  return others.length === 0 ? first : undefined;
}
