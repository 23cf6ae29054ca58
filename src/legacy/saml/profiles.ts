import type { Level } from '../answer.ts';
import type { ClaimMap, LevelTable } from '../assertions/claim-settings.ts';
import type { SamlSettings } from './settings.ts';

/** What a method means where configuration says nothing else. */
interface Profile {
  readonly levels: LevelTable;
  /** Of a context that is not in the table; undefined: it is refused. */
  readonly otherwise: Level | undefined;
  readonly encryption: 'required' | 'allowed';
  readonly attributes: ClaimMap;
}

const VERIFY = 'urn:uk:gov:cabinet-office:tc:saml:authn-context';

const PROFILES: Readonly<Record<SamlSettings['method'], Profile>> = {
  M17: {
    levels: [
      { context: `${VERIFY}:level1`, level: 'Cl' },
      { context: `${VERIFY}:level2`, level: 'Cl.Cm' },
    ],
    otherwise: undefined,
    encryption: 'required',
    attributes: [],
  },
  M18: {
    levels: [{ context: 'https://refeds.org/profile/mfa', level: 'Cl.Cm' }],
    otherwise: 'Cl',
    encryption: 'allowed',
    attributes: [
      { name: 'name', claim: 'urn:oid:2.16.840.1.113730.3.1.241' },
      { name: 'given-name', claim: 'urn:oid:2.5.4.42' },
      { name: 'family-name', claim: 'urn:oid:2.5.4.4' },
      { name: 'email', claim: 'urn:oid:0.9.2342.19200300.100.1.3' },
      { name: 'affiliation', claim: 'urn:oid:1.3.6.1.4.1.5923.1.1.1.9' },
    ],
  },
};

export const profileOf = ({ method }: SamlSettings): Profile => PROFILES[method];
