import { isIP } from 'node:net';
import type { Problem } from '../../service.ts';
import { problem } from './check.ts';

export interface UrlRules {
  /** Plain http on this machine is fine: development, or an address that only the citizen's browser opens. */
  readonly loopbackHttp: boolean;
  /** We fetch it or send to it: the name must at least look public. The fetch itself pins the resolved address (D17). */
  readonly publicHost: boolean;
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const PRIVATE_NAME = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|home\.arpa|test|invalid|onion)$/;

/** Judges one absolute URL, all that is wrong with it at once. */
export function judgeUrl(field: string, value: string, rules: UrlRules): readonly Problem[] {
  // Before parsing: the parser drops tabs and line breaks, and turns backslashes round.
  const url = /[\s\\\p{Cc}]/u.test(value) ? null : URL.parse(value);
  if (!url) return [problem(field, 'not_a_url', 'Give an absolute URL, such as https://service.example/callback.')];
  const problems: Problem[] = [];
  const loopback = LOOPBACK.has(url.hostname);
  if (!(url.protocol === 'https:' || (url.protocol === 'http:' && loopback && rules.loopbackHttp)))
    problems.push(problem(field, 'scheme_not_allowed', 'Use https.'));
  if (value.includes('#')) problems.push(problem(field, 'has_fragment', 'Leave out the part from # on.'));
  if (url.username || url.password || authority(value).includes('@'))
    problems.push(problem(field, 'has_credentials', 'Leave out the user name and password.'));
  if (/[*]|%2a/i.test(value)) problems.push(problem(field, 'has_wildcard', 'Give each address in full, without *.'));
  if (problems.length === 0 && url.href !== value && url.href !== `${value}/`)
    problems.push(problem(field, 'not_canonical', `Write it as browsers do: ${url.href}`));
  if (rules.publicHost && !(loopback && rules.loopbackHttp) && !looksPublic(url.hostname))
    problems.push(problem(field, 'host_not_public', 'Use a host name that anybody can resolve, not an address.'));
  return problems;
}

function authority(value: string): string {
  return value.replace(/^[^/]*\/\//, '').split(/[/?#]/)[0] ?? '';
}

function looksPublic(hostname: string): boolean {
  const name = hostname.replace(/\.$/, '');
  return isIP(name.replace(/^\[|\]$/g, '')) === 0 && name.includes('.') && !PRIVATE_NAME.test(name);
}
