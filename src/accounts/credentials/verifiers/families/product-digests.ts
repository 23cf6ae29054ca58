import { bare, digests, salted } from './digest-rows.ts';

const B64 = '[A-Za-z0-9+/]+={0,2}';

/** Content management, shops, forums, appliances: recipes that a product fixed. */
export const PRODUCT_DIGEST_ROWS = [
  digests({
    id: 'joomla-md5',
    family: 'product',
    forms: salted(32, 'md5(pass.salt)'),
    note: 'Joomla before 2.5.18, Moodle (site salt)',
    needs: ['salt'],
  }),
  digests({
    id: 'vbulletin',
    family: 'product',
    forms: salted(32, 'md5(md5(pass).salt)'),
    note: 'vBulletin',
    needs: ['salt'],
  }),
  digests({
    id: 'ipb-mybb',
    family: 'product',
    forms: salted(32, 'md5(md5(salt).md5(pass))'),
    note: 'Invision, MyBB',
    needs: ['salt'],
  }),
  digests({
    id: 'redmine',
    family: 'product',
    forms: salted(40, 'sha1(salt.sha1(pass))'),
    note: 'Redmine',
    needs: ['salt'],
  }),
  digests({
    id: 'punbb',
    family: 'product',
    forms: salted(40, 'sha1(salt.sha1(pass))'),
    note: 'PunBB',
    needs: ['salt'],
  }),
  digests({
    id: 'opencart',
    family: 'product',
    forms: salted(40, 'sha1(salt.sha1(salt.sha1(pass)))'),
    note: 'OpenCart',
    needs: ['salt'],
  }),
  digests({
    id: 'wbb3',
    family: 'product',
    forms: salted(40, 'sha1(salt.sha1(salt.sha1(pass)))'),
    note: 'WoltLab 3',
    needs: ['salt'],
  }),
  digests({
    id: 'coldfusion10',
    family: 'product',
    forms: salted(64, 'sha256(salt.upper(sha1(pass)))'),
    note: 'ColdFusion 10 and later',
    needs: ['salt'],
  }),
  digests({
    id: 'oscommerce',
    family: 'product',
    forms: salted(32, 'md5(salt.pass)'),
    note: 'osCommerce, Magento 1',
    needs: ['salt'],
  }),
  digests({
    id: 'prestashop',
    family: 'product',
    forms: salted(32, 'md5(salt.pass)'),
    note: 'PrestaShop',
    needs: ['salt'],
  }),
  digests({
    id: 'magento2',
    explicit: true,
    family: 'product',
    shape: /^[0-9a-f]{32,64}:[^:\n]+:[01]$/,
    forms: [
      { form: /^(?<digest>[0-9a-f]{32}):(?<salt>[^:\n]+):0$/, recipe: 'md5(salt.pass)', digest: 'hex' },
      { form: /^(?<digest>[0-9a-f]{64}):(?<salt>[^:\n]+):1$/, recipe: 'sha256(salt.pass)', digest: 'hex' },
    ],
    note: 'Magento 2, versions 0 and 1',
  }),
  digests({ id: 'smf', family: 'product', forms: [bare(40, 'sha1(lower(user).pass)')], note: 'SMF', needs: ['user'] }),
  digests({
    id: 'netwitness',
    family: 'product',
    forms: [bare(64, 'upper(sha256(upper(sha256(pass)).salt))')],
    note: 'NetWitness',
    needs: ['salt'],
  }),
  digests({
    id: 'htdigest',
    explicit: true,
    family: 'product',
    shape: /^[^:\n]+:[^:\n]+:[0-9a-f]{32}$/i,
    forms: [
      {
        form: /^(?:[^:\n]+:[^:\n]+:)?(?<digest>[0-9a-f]{32})$/i,
        recipe: 'md5(user.":".realm.":".pass)',
        digest: 'hex',
      },
    ],
    note: 'HTTP Digest HA1',
    needs: ['user', 'realm'],
  }),
  digests({
    id: 'mediawiki-b',
    family: 'product',
    shape: /^(?:\$B\$|:B:)[^$:\n]+[$:][0-9a-f]{32}$/,
    forms: [
      {
        form: /^(?:\$B\$|:B:)(?<salt>[^$:\n]+)[$:](?<digest>[0-9a-f]{32})$/,
        recipe: 'md5(salt."-".md5(pass))',
        digest: 'hex',
      },
    ],
    note: 'MediaWiki B',
  }),
  digests({
    id: 'mediawiki-a',
    family: 'product',
    shape: /^(?:\$A\$|:A:)[0-9a-f]{32}$/,
    forms: [{ form: /^(?:\$A\$|:A:)(?<digest>[0-9a-f]{32})$/, recipe: 'md5(pass)', digest: 'hex' }],
    note: 'MediaWiki A',
  }),
  digests({
    id: 'phps',
    family: 'product',
    shape: /^\$PHPS\$[0-9a-f]+\$[0-9a-f]{32}$/,
    forms: [
      {
        form: /^\$PHPS\$(?<salt>[0-9a-f]+)\$(?<digest>[0-9a-f]{32})$/,
        recipe: 'md5(md5(pass).salt)',
        salt: 'hex',
        digest: 'hex',
      },
    ],
    note: 'PHPS',
  }),
  digests({
    id: 'authme-sha256',
    family: 'product',
    shape: /^\$SHA\$[^$\n]+\$[0-9a-f]{64}$/,
    forms: [
      {
        form: /^\$SHA\$(?<salt>[^$\n]+)\$(?<digest>[0-9a-f]{64})$/,
        recipe: 'sha256(sha256(pass).salt)',
        digest: 'hex',
      },
    ],
    note: 'AuthMe',
  }),
  digests({
    id: 'aem-sha256',
    family: 'product',
    shape: /^\{SHA-256\}[0-9a-f]+-\d+-[0-9a-f]{64}$/,
    forms: [
      {
        form: /^\{SHA-256\}(?<salt>[0-9a-f]+)-(?<rounds>[1-9]\d{0,6})-(?<digest>[0-9a-f]{64})$/,
        recipe: 'iterate(rounds, salt.pass, sha256(raw(prev)))',
        digest: 'hex',
      },
    ],
    note: 'Adobe Experience Manager, Jackrabbit Oak',
    rounds: { class: 'sha256-rounds', common: 1000 },
  }),
  digests({
    id: 'otm-sha256',
    family: 'product',
    shape: /^otm_sha256:\d+:[^:\n]+:/,
    forms: [
      {
        form: new RegExp(`^otm_sha256:(?<rounds>[1-9]\\d{0,6}):(?<salt>[^:\\n]+):(?<digest>${B64})$`),
        recipe: 'iterate(rounds, salt.pass, sha256(raw(prev)))',
        digest: 'base64',
      },
    ],
    note: 'Oracle Transportation Management',
    rounds: { class: 'sha256-rounds', common: 1000 },
  }),
  digests({
    id: 'netiq-sspr',
    family: 'product',
    shape: /^\$sspr\$[0-4]\$\d+\$[^$]+\$[0-9a-f]+$/,
    forms: (['md5', 'sha1', 'sha1', 'sha256', 'sha512'] as const).map((name, kind) => ({
      form: new RegExp(`^\\$sspr\\$${kind}\\$(?<rounds>[1-9]\\d{0,6})\\$(?<salt>[^$\\n]+)\\$(?<digest>[0-9a-f]+)$`),
      recipe: `iterate(rounds, ${kind < 2 ? 'pass' : 'salt.pass'}, ${name}(raw(prev)))`,
      digest: 'hex' as const,
    })),
    note: 'NetIQ Self Service Password Reset',
    rounds: { class: 'sha1-rounds', common: 100_000 },
  }),
  digests({
    id: 'hmailserver',
    explicit: true,
    family: 'product',
    shape: /^[0-9a-f]{70}$/,
    forms: [{ form: /^(?<salt>[0-9a-f]{6})(?<digest>[0-9a-f]{64})$/, recipe: 'sha256(salt.pass)', digest: 'hex' }],
    note: 'hMailServer',
  }),
  digests({
    id: 'citrix-netscaler',
    explicit: true,
    family: 'product',
    shape: /^(?:1[0-9a-f]{48}|2[0-9a-f]{136})$/,
    forms: [
      { form: /^1(?<salt>[0-9a-f]{8})(?<digest>[0-9a-f]{40})$/, recipe: 'sha1(salt.pass."\\0")', digest: 'hex' },
      { form: /^2(?<salt>[0-9a-f]{8})(?<digest>[0-9a-f]{128})$/, recipe: 'sha512(salt.pass."\\0")', digest: 'hex' },
    ],
    note: 'Citrix NetScaler',
  }),
  digests({
    id: 'macos',
    explicit: true,
    family: 'product',
    shape: /^[0-9a-f]{48}$/i,
    forms: [
      { form: /^(?<salt>[0-9a-f]{8})(?<digest>[0-9a-f]{40})$/i, recipe: 'sha1(salt.pass)', salt: 'hex', digest: 'hex' },
    ],
    note: 'Mac OS X 10.4 to 10.6',
  }),
  digests({
    id: 'fortigate',
    family: 'product',
    shape: /^(?:AK1|SH2)[A-Za-z0-9+/]{43,60}={0,2}$/,
    forms: (['sha1', 'sha256'] as const).map((name) => ({
      form: new RegExp(`^${name === 'sha1' ? 'AK1' : 'SH2'}(?<blob>${B64})$`),
      recipe: `${name}(salt.pass.latin1("${fortigateTail()}"))`,
      blob: 'salt-digest' as const,
    })),
    note: 'FortiGate',
  }),
] as const;

/** A constant that FortiOS puts behind every password. */
function fortigateTail(): string {
  return 'a388ba2e424cb04a537930c13107cc3fa1329029a9815b70'.replace(/../g, String.raw`\x$&`);
}
