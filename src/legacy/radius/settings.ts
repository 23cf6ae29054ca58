import { type Static, Type } from 'typebox';
import { Limits } from '../guard/limits.ts';

const Contains = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'Words in the Reply-Message, in any case; the first entry that fits counts.',
});

const common = {
  family: Type.Literal('radius', { description: 'A server that is asked by RADIUS over UDP.' }),
  servers: Type.Array(
    Type.Object(
      {
        host: Type.String({ minLength: 1, maxLength: 253, description: 'Name or address.' }),
        port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, description: '1812 when left out.' })),
      },
      { additionalProperties: false },
    ),
    { minItems: 1, maxItems: 4, description: 'Servers that know the same people, the best first.' },
  ),
  sharedSecret: Type.String({
    pattern: '^[a-z0-9-]{1,60}$',
    description: 'Name of the secret that we share with the servers: 16 characters or more.',
  }),
  nasIdentifier: Type.Optional(
    Type.String({
      pattern: '^[\\x21-\\x7e]{1,253}$',
      description: 'What we are called there: `latchkey` when left out.',
    }),
  ),
  realm: Type.Optional(
    Type.String({
      pattern: '^@[A-Za-z0-9][A-Za-z0-9.-]{0,100}$',
      description: 'Added to every user name: `@staff.example`. A name of any other realm is refused, not passed on.',
    }),
  ),
  keepCase: Type.Optional(
    Type.Boolean({ description: 'Anna and anna are two people there. Left out: names are asked for in lower case.' }),
  ),
  key: Type.Optional(
    Type.Enum(['user-name', 'class', 'chargeable-user-identity'], {
      description:
        'Attribute of the answer that is the same at every sign-in of a person, and never that of anybody else. `user-name`, when left out, is the name itself, with a warning: names are given to others.',
    }),
  ),
  resendMs: Type.Optional(
    Type.Integer({
      minimum: 100,
      maximum: 2000,
      description:
        'A request without answer is sent again after this, byte for byte, so that it is no second try: 700.',
    }),
  ),
  rejections: Type.Optional(
    Type.Array(
      Type.Object(
        {
          contains: Contains,
          as: Type.Enum(['disabled', 'locked', 'expired', 'must-change-password', 'not-allowed', 'unknown-person'], {
            description: 'The reason that is given to the operator.',
          }),
        },
        { additionalProperties: false },
      ),
      { maxItems: 20, description: 'What the server says when it refuses. Anything else is a wrong secret.' },
    ),
  ),
  challenges: Type.Optional(
    Type.Array(
      Type.Object(
        {
          contains: Contains,
          asks: Type.Enum(['code', 'next-code', 'new-pin', 'answer'], {
            description: 'What the person is asked for; only `code` and `next-code` prove anything.',
          }),
        },
        { additionalProperties: false },
      ),
      {
        maxItems: 20,
        description:
          'What the server says when it asks for more; anything else asks for an answer that proves nothing. Left out: the words of common servers, and anything else asks for a code.',
      },
    ),
  ),
  showMessages: Type.Optional(
    Type.Boolean({ description: 'Show the words of the server beside the box, such as the rules for a new PIN.' }),
  ),
  challengeSeconds: Type.Optional(
    Type.Integer({
      minimum: 10,
      maximum: 600,
      description: 'How long a challenge may be answered: 120 when left out.',
    }),
  ),
  statusServer: Type.Optional(
    Type.Boolean({ description: 'false: the server does not know Status-Server (RFC 5997); its health is not asked.' }),
  ),
  limits: Type.Optional(Limits),
};

/** F4, M16: user name and password. */
const RadiusPasswordSettings = Type.Object(
  {
    ...common,
    method: Type.Literal('M16', { description: 'RADIUS password.' }),
    protocol: Type.Optional(
      Type.Enum(['pap', 'chap'], { description: 'How the password travels: `pap` when left out.' }),
    ),
    level: Type.Optional(
      Type.Enum(['none', 'Cl'], { description: 'Most that a sign-in is worth: `Cl` when left out.' }),
    ),
  },
  { additionalProperties: false },
);

/** F4, M39: a token of a vendor, in as many rounds as its server wants. */
const RadiusTokenSettings = Type.Object(
  {
    ...common,
    method: Type.Literal('M39', { description: 'Vendor token.' }),
    first: Type.Enum(['password', 'pin-and-code', 'code'], {
      description:
        '`password`: then a challenge for the code. `pin-and-code`: two boxes, sent as one. `code`: the token alone, or a PIN that is typed into it.',
    }),
    level: Type.Optional(
      Type.Enum(['none', 'Cl', 'Cl.Cm'], { description: 'Most that a sign-in is worth: `Cl.Cm` when left out.' }),
    ),
  },
  { additionalProperties: false },
);

export const RadiusSettings = Type.Union([RadiusPasswordSettings, RadiusTokenSettings]);
export type RadiusSettings = Static<typeof RadiusSettings>;
