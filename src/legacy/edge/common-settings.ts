import { type TString, Type } from 'typebox';
import { MostLevel, SecretName } from '../assertions/claim-settings.ts';
import { Limits } from '../guard/limits.ts';

export const header = (description: string): TString => Type.String({ pattern: '^[a-z0-9_-]{1,60}$', description });
export const text = (description: string): TString => Type.String({ minLength: 1, maxLength: 500, description });
export const uri = (description: string): TString => Type.String({ pattern: '^https?://[^\\s#]{1,480}$', description });
export const path = (description: string): TString =>
  Type.String({ pattern: '^[A-Za-z0-9_.:/-]{1,120}$', description });
export const oid = (description: string): TString =>
  Type.String({ pattern: '^[0-2](\\.[0-9]{1,20}){1,20}$', maxLength: 120, description });

const networks = Type.Array(Type.String({ pattern: '^[0-9a-fA-F.:]{2,45}(/[0-9]{1,3})?$' }), {
  minItems: 1,
  maxItems: 20,
  description: 'Addresses, or networks as `10.1.2.0/24`, that the gateway connects from.',
});
const certificates = Type.Array(Type.String({ pattern: '^[0-9a-f]{64}$' }), {
  minItems: 1,
  maxItems: 10,
  description: 'SHA-256 of the certificates that the gateway may show to our listener, lower-case hex.',
});
const secret = Type.Object(
  {
    header: header('Header in which the gateway says it.'),
    names: Type.Array(SecretName('A secret.'), {
      minItems: 1,
      maxItems: 3,
      description:
        'Secrets, any of which will do: a new and an old one while they are changed. At least 16 characters.',
    }),
  },
  { additionalProperties: false, description: 'What only the gateway and we know.' },
);

/** An address alone is nobody: whoever shares the network could say it. */
const Peer = Type.Union(
  [
    Type.Object({ networks, certificates, secret: Type.Optional(secret) }, { additionalProperties: false }),
    Type.Object({ networks, secret }, { additionalProperties: false }),
  ],
  { description: 'A gateway: where it connects from, and how it proves to be that.' },
);

export const common = {
  family: Type.Literal('edge', { description: 'A gateway in front of us says who somebody is.' }),
  entryUrl: Type.String({
    pattern: '^https?://[^\\s#?]{1,480}$',
    description: 'Where browsers pass through the gateway to `/old-sign-in/<source>/enter` of ours.',
  }),
  peers: Type.Array(Peer, { minItems: 1, maxItems: 10, description: 'Nobody else is believed.' }),
  healthUrl: Type.Optional(uri('Asked now and then to see whether the gateway is there.')),
  mostLevel: Type.Optional(MostLevel),
  limits: Type.Optional(Limits),
};
