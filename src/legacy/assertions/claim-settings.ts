import { type Static, type TArray, type TString, Type } from 'typebox';
import { AttributeNameSetting } from '../attribute-name.ts';

const text = (description: string, maxLength = 500) => Type.String({ minLength: 1, maxLength, description });

export const SecretName = (description: string): TString => Type.String({ pattern: '^[a-z0-9-]{1,60}$', description });

export const Certificates = (description: string): TArray<TString> =>
  Type.Array(Type.String({ minLength: 100, maxLength: 16_384 }), { minItems: 1, maxItems: 10, description });

export const ClockSkew = Type.Integer({
  minimum: 0,
  maximum: 300,
  description: 'By how much the clocks of the partner and of us may differ: 60 when left out.',
});

export const AcceptCbc = Type.Boolean({
  description:
    'AES-CBC is taken without a signature around it, as from AD FS as it comes. Better: let the partner use AES-GCM, or sign the response.',
});

export const ClaimMap = Type.Array(
  Type.Object(
    {
      name: AttributeNameSetting,
      claim: text('What the partner calls it, in full.'),
      verified: Type.Optional(
        Type.Boolean({ description: 'The partner may vouch for it. Left out: it is what the partner says, no more.' }),
      ),
    },
    { additionalProperties: false },
  ),
  { maxItems: 30, description: 'What is read besides the identifier, as hints for matching.' },
);
export type ClaimMap = Static<typeof ClaimMap>;

export const LevelTable = Type.Array(
  Type.Object(
    {
      context: text('How the partner says that it signed somebody in: an authentication context, method or value.'),
      level: Type.Enum(['none', 'Cl', 'Cl.Cm'], { description: 'What that is worth to us.' }),
    },
    { additionalProperties: false },
  ),
  { minItems: 1, maxItems: 30, description: 'Instead of the table of the method.' },
);
export type LevelTable = Static<typeof LevelTable>;

export const MostLevel = Type.Enum(['none', 'Cl', 'Cl.Cm'], {
  description: 'Most that this partner is trusted for, whatever it says. Left out: `Cl.Cm`.',
});
