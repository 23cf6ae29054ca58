import { type TInteger, type TObject, type TOptional, type TString, Type } from 'typebox';
import { Limits } from '../guard/limits.ts';

/** By its name in `file.extras` of the source. */
export const column = (description: string): TString =>
  Type.String({ pattern: '^[a-z][a-zA-Z0-9]{0,30}$', description });

/** The name of a secret, never the secret. */
export const secretName = (description: string): TString => Type.String({ pattern: '^[a-z0-9-]{1,60}$', description });

export const words = (description: string): TObject<{ en: TString; cy: TOptional<TString> }> =>
  Type.Object(
    {
      en: Type.String({ minLength: 1, maxLength: 200, description: 'In English.' }),
      cy: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'In Welsh.' })),
    },
    { additionalProperties: false, description },
  );

export const whole = (minimum: number, maximum: number, description: string): TInteger =>
  Type.Integer({ minimum, maximum, description });

/** What the settings of every method say that checks against imported rows. */
export const shared = {
  exportedOn: Type.String({
    pattern: '^\\d{4}-\\d{2}-\\d{2}$',
    description: 'Date of the export: what it says of people was true then.',
  }),
  level: Type.Optional(
    Type.Enum(['none', 'Cl', 'Cl.Cm'], { description: 'The most that this system deserves, whatever was proved.' }),
  ),
  limits: Type.Optional(Limits),
};

export interface SharedSettings {
  readonly exportedOn: string;
  readonly level?: 'none' | 'Cl' | 'Cl.Cm' | undefined;
}

/** Whether the old password is asked for in the same round. */
export const alongside = Type.Optional(
  Type.Enum(['password'], { description: 'What is asked for as well: the old password, checked by the same export.' }),
);
export interface AlongsideSettings {
  readonly alongside?: 'password' | undefined;
}
