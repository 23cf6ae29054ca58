import { type Static, Type } from 'typebox';

/** What an old system may say of a person, as settings of every family name it. */
export const AttributeNameSetting = Type.Enum(
  [
    'name',
    'given-name',
    'family-name',
    'email',
    'phone',
    'birth-date',
    'postcode',
    'address',
    'nino',
    'affiliation',
    'role',
  ],
  { description: 'What it is to us.' },
);
export type AttributeName = Static<typeof AttributeNameSetting>;
