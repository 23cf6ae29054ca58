import { type DigestName, digestBytes } from '../primitives/digests.ts';
import { fromBase64 } from '../primitives/encodings.ts';
import { type Read, malformed, scheme } from '../scheme.ts';
import type { SideInput } from '../side.ts';
import { type DigestForm, readDigestForms } from './digest-form.ts';
import { bare, digests, salted } from './digest-rows.ts';

const DOLLAR = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const satisfies readonly DigestName[];

const dollar = (name: DigestName, recipe: string): DigestForm => ({
  form: new RegExp(`^${name}\\$(?<salt>[^$\\n]+)\\$(?<digest>[0-9a-f]{${digestBytes(name) * 2}})$`),
  recipe,
  digest: 'hex',
});

const B64 = '[A-Za-z0-9+/]+={0,2}';
const KRATOS = /^\$(md5|sha1|sha256|sha512)\$pf=([A-Za-z0-9+/]+={0,2})\$/;

/** Ory Kratos states how password and salt are joined, e.g. base64 of `{SALT}{PASSWORD}`; it becomes a recipe. */
function readKratosFormat(stored: string, side: SideInput): Read {
  const [, name, format = ''] = KRATOS.exec(stored) ?? [];
  const template = fromBase64(format)?.toString();
  if (name === undefined || template === undefined || template.length > 128) return malformed;
  const parts = template.split(/(\{SALT\}|\{PASSWORD\})/).filter((part) => part !== '');
  const recipe = parts.map((part) => (part === '{SALT}' ? 'salt' : part === '{PASSWORD}' ? 'pass' : quoted(part)));
  const form = new RegExp(`^\\$${name}\\$pf=${B64}\\$(?<salt>${B64})\\$(?<digest>${B64})$`);
  return readDigestForms(
    [{ form, recipe: `${name}(${recipe.join('.')})`, salt: 'base64', digest: 'base64' }],
    stored,
    side,
  );
}

const quoted = (text: string): string =>
  `"${text.replace(/["\\\n\r\t]/g, (mark) => `\\x${mark.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;

const HMAC = /^\$hmac-(md4|md5|sha1|sha224|sha256|sha384|sha512)\$([A-Za-z0-9+/]+={0,2})\$([A-Za-z0-9+/]*={0,2})$/;

/** `$hmac-name$base64(hex digest)$base64(key)`. */
function readKratosHmac(stored: string, side: SideInput): Read {
  const [, name, digest = '', key = ''] = HMAC.exec(stored) ?? [];
  const hex = fromBase64(digest)?.toString('latin1');
  if (name === undefined || hex === undefined || !fromBase64(key)) return malformed;
  const form = /^(?<digest>[0-9a-f]+)$/i;
  const read = readDigestForms([{ form, recipe: `hmac(${name}, salt, pass)`, digest: 'hex' }], hex, {
    ...side,
    salt: key,
    saltEncoding: 'base64',
  });
  if ('problem' in read) return read;
  const zeros = Buffer.from('0'.repeat(hex.length)).toString('base64');
  return { ...read, blank: `$hmac-${name}$${zeros}$${key}` };
}

export const FRAMEWORK_DIGEST_ROWS = [
  digests({
    id: 'django-md5',
    explicit: true,
    family: 'framework',
    shape: /^md5\$[^$]+\$[0-9a-f]{32}$/,
    forms: [dollar('md5', 'md5(salt.pass)')],
    note: 'Django md5$salt$hex; Werkzeug writes its HMAC the same way',
  }),
  digests({
    id: 'django-sha1',
    explicit: true,
    family: 'framework',
    shape: /^sha1\$[^$]+\$[0-9a-f]{40}$/,
    forms: [dollar('sha1', 'sha1(salt.pass)')],
    note: 'Django sha1$salt$hex; Werkzeug writes its HMAC the same way',
  }),
  digests({
    id: 'django-unsalted',
    family: 'framework',
    shape: /^(?:md5\$\$[0-9a-f]{32}|sha1\$\$[0-9a-f]{40})$/,
    forms: [
      { form: /^(?:md5\$\$)?(?<digest>[0-9a-f]{32})$/, recipe: 'md5(pass)', digest: 'hex' },
      { form: /^sha1\$\$(?<digest>[0-9a-f]{40})$/, recipe: 'sha1(pass)', digest: 'hex' },
    ],
    note: 'Django without a salt',
  }),
  digests({
    id: 'werkzeug',
    explicit: true,
    family: 'framework',
    shape: /^(?:md5|sha1|sha224|sha256|sha384|sha512)\$[^$]+\$[0-9a-f]{32,128}$/,
    forms: DOLLAR.map((name) => dollar(name, `hmac(${name}, salt, pass)`)),
    note: 'Werkzeug before 2.0: HMAC keyed by the salt',
  }),
  scheme({
    id: 'kratos-sha-pf',
    family: 'framework',
    shape: KRATOS,
    costClass: 'fast',
    commonCost: 1,
    bounds: 'format ≤ 128 characters',
    note: 'Ory Kratos $sha1$pf=format$salt$digest',
    read: readKratosFormat,
  }),
  digests({
    id: 'kratos-md5',
    family: 'framework',
    shape: /^\$md5\$[A-Za-z0-9+/]{22}==$/,
    forms: [{ form: /^\$md5\$(?<digest>[A-Za-z0-9+/]{22}==)$/, recipe: 'md5(pass)', digest: 'base64' }],
    note: 'Ory Kratos $md5$',
  }),
  scheme({
    id: 'kratos-hmac',
    family: 'framework',
    shape: HMAC,
    costClass: 'fast',
    commonCost: 1,
    bounds: 'digest whole',
    note: 'Ory Kratos $hmac-name$',
    read: readKratosHmac,
  }),
  digests({
    id: 'devise-sha512',
    family: 'framework',
    forms: [bare(128, 'iterate(rounds, pepper, sha512("--".salt."--".prev."--".pass."--".pepper."--"))')],
    note: 'Devise :encryptable; iterations = stretches',
    needs: ['salt', 'iterations'],
    rounds: { class: 'sha512-rounds', common: 10 },
  }),
  digests({
    id: 'devise-sha1',
    family: 'framework',
    forms: [bare(40, 'iterate(rounds, pepper, sha1("--".salt."--".prev."--".pass."--".pepper."--"))')],
    note: 'Devise :encryptable; iterations = stretches',
    needs: ['salt', 'iterations'],
    rounds: { class: 'sha1-rounds', common: 10 },
  }),
  digests({
    id: 'restful-authentication',
    family: 'framework',
    forms: salted(40, 'sha1("--".salt."--".pass."--")'),
    note: 'Rails restful_authentication without a site key',
    needs: ['salt'],
  }),
  digests({
    id: 'restful-authentication-site-key',
    family: 'framework',
    forms: [bare(40, 'iterate(rounds, pepper, sha1(prev."--".salt."--".pass."--".pepper))', { iterations: 10 })],
    note: 'Rails restful_authentication with a site key (the pepper)',
    needs: ['salt', 'pepper'],
    rounds: { class: 'sha1-rounds', common: 10 },
  }),
  digests({
    id: 'authlogic-sha512',
    family: 'framework',
    forms: [bare(128, 'iterate(rounds, pass.salt, sha512(prev))', { iterations: 20 })],
    note: 'Authlogic',
    needs: ['salt'],
    rounds: { class: 'sha512-rounds', common: 20 },
  }),
  digests({
    id: 'symfony-sha512',
    family: 'framework',
    forms: [
      {
        form: /^(?<digest>[A-Za-z0-9+/]{86}==)$/,
        recipe: 'iterate(rounds, sha512(pass."{".salt."}"), sha512(raw(prev).pass."{".salt."}"))',
        digest: 'base64',
        roundsBefore: 1,
        side: { iterations: 5000 },
      },
    ],
    note: 'Symfony ≤ 3 MessageDigestPasswordEncoder',
    needs: ['salt'],
    rounds: { class: 'sha512-rounds', common: 5000 },
  }),
  digests({
    id: 'spring-standard',
    family: 'framework',
    shape: /^\{sha256\}[0-9a-f]{80}$/i,
    forms: [
      {
        form: /^(?:\{sha256\})?(?<salt>[0-9a-f]{16})(?<digest>[0-9a-f]{64})$/i,
        recipe: 'iterate(1023, sha256(salt.pepper.pass), sha256(raw(prev)))',
        salt: 'hex',
        digest: 'hex',
      },
    ],
    note: 'Spring StandardPasswordEncoder, with and without its {sha256}; pepper = its secret',
    rounds: { class: 'sha256-rounds', common: 1024 },
  }),
] as const;
