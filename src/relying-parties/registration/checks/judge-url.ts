import { isIP } from 'node:net';
import type { Problem, ProblemCode } from '../../service.ts';
import { problem } from './check.ts';

export interface UrlRules {
  /** Plain http on this machine is fine: outside production. */
  readonly loopbackHttp: boolean;
  /** We fetch it or send to it: the name must at least look public. The fetch itself pins the resolved address (D17). */
  readonly publicHost: boolean;
}

interface Rule {
  readonly code: ProblemCode;
  readonly message: string;
  readonly isBroken: (value: string, url: URL, rules: UrlRules) => boolean;
}

const RULES: readonly Rule[] = [
  {
    code: 'scheme_not_allowed',
    message: 'Use https.',
    isBroken: (_value, url, rules) => url.protocol !== 'https:' && !isLocal(url, rules),
  },
  {
    code: 'has_fragment',
    message: 'Leave out the part from # on.',
    isBroken: (value) => value.includes('#'),
  },
  {
    code: 'has_credentials',
    message: 'Leave out the user name and password.',
    isBroken: (value, url) => url.username !== '' || url.password !== '' || authority(value).includes('@'),
  },
  {
    code: 'has_wildcard',
    message: 'Give each address in full, without *.',
    isBroken: (value) => /[*]|%2a/i.test(value),
  },
  {
    code: 'not_canonical',
    message:
      'Write it as browsers do: small letters in the host, no standard port, no dot segments, no odd characters.',
    isBroken: (value, url) => url.href !== value && url.href !== `${value}/`,
  },
  {
    code: 'host_not_public',
    message: 'Use a host name that anybody can resolve, not an address.',
    isBroken: (_value, url, rules) => rules.publicHost && !isLocal(url, rules) && !looksPublic(url.hostname),
  },
];

/** Judges one absolute URL, all that is wrong with it at once. */
export function judgeUrl(field: string, value: string, rules: UrlRules): readonly Problem[] {
  // Before parsing: the parser drops tabs and line breaks, and turns backslashes round.
  const url = /[\s\\\p{Cc}]/u.test(value) ? null : URL.parse(value);
  if (!url) return [problem(field, 'not_a_url', 'Give an absolute URL, such as https://service.example/callback.')];
  return RULES.filter(({ isBroken }) => isBroken(value, url, rules)).map(({ code, message }) =>
    problem(field, code, message),
  );
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

function isLocal(url: URL, rules: UrlRules): boolean {
  return rules.loopbackHttp && LOOPBACK.has(url.hostname) && /^https?:$/.test(url.protocol);
}

function authority(value: string): string {
  return value.replace(/^[^/]*\/\//, '').split(/[/?#]/)[0] ?? '';
}

const PRIVATE_NAME = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|home\.arpa|test|invalid|onion)$/;

function looksPublic(hostname: string): boolean {
  const name = hostname.replace(/\.$/, '');
  return isIP(name.replace(/^\[|\]$/g, '')) === 0 && name.includes('.') && !PRIVATE_NAME.test(name);
}
