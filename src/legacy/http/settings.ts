import { type Static, Type } from 'typebox';
import { Limits } from '../guard/limits.ts';

/** F2: the old system is asked by HTTP, with the secret in hand (M09 to M12). */
export const HttpSettings = Type.Object(
  {
    family: Type.Literal('http'),
    method: Type.Enum(['M09']),
    url: Type.String({ format: 'uri', maxLength: 500 }),
    limits: Type.Optional(Limits),
  },
  { additionalProperties: false },
);
export type HttpSettings = Static<typeof HttpSettings>;
