import type { DemoMethod } from './demo-method.ts';

type AtTheEdge = Pick<DemoMethod, 'id' | 'method' | 'level' | 'name' | 'adapter'>;

const methods: readonly AtTheEdge[] = [
  {
    id: 'M15',
    method: 'Kerberos ticket, taken by the gateway in front',
    level: 'Cl',
    name: { en: 'Office Desktop', cy: 'Bwrdd Gwaith Swyddfa' },
    adapter: ({ edge }) => edge.settings.M15,
  },
  {
    id: 'M24',
    method: 'Signed word of a gateway (JWT in a header)',
    level: 'Cl',
    name: { en: 'Benefits Gateway', cy: 'Porth Budd-daliadau' },
    adapter: ({ edge }) => edge.settings.M24,
  },
  {
    id: 'M40',
    method: 'Client certificate, taken by the gateway in front',
    level: 'Cl.Cm',
    name: { en: 'Chemicals Register', cy: 'Cofrestr Cemegion' },
    adapter: ({ edge }) => edge.settings.M40,
  },
  {
    id: 'M41',
    method: 'Smartcard, taken by the gateway in front',
    level: 'Cl.Cm',
    name: { en: 'Clinical Records', cy: 'Cofnodion Clinigol' },
    adapter: ({ edge }) => edge.settings.M41,
  },
];

/** M15, M24, M40 and M41: a gateway in front of Latchkey says who it is. */
export const atTheEdge: readonly DemoMethod[] = methods.map((method) => ({
  ...method,
  family: 'F8 edge',
  tell: 'On the page of the gateway: choose what Anna holds. Others there show who is refused.',
  proofs: ['redirect-assertion'],
}));
