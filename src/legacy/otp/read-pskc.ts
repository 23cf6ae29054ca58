import { parseXml } from '../assertions/parse-xml.ts';
import { attributeOf, childrenOf, isNamed, onlyChild, textOf } from '../assertions/read-elements.ts';
import { keysOf, openEncrypted, type SeedKeys } from './open-encrypted.ts';

const PSKC = 'urn:ietf:params:xml:ns:keyprov:pskc';
const MOST_CHARACTERS = 64 * 1024 * 1024;

/** One token of a seed file, as the columns of an export that M37 and M38 read. */
export interface TokenSeed {
  readonly method: 'M37' | 'M38';
  readonly serial: string;
  /** Whom the file gives it to, if it says so. */
  readonly user: string | undefined;
  /** Hex. */
  readonly seed: string;
  readonly digits: number;
  readonly algorithm: string;
  readonly counter: number;
  /** Seconds; of M37 alone. */
  readonly period: number | undefined;
}

type ProblemCode = 'no-serial' | 'unknown-algorithm' | 'no-seed' | 'cannot-decrypt' | 'bad-number';

export type SeedFile =
  | {
      readonly outcome: 'read';
      readonly tokens: readonly TokenSeed[];
      /** By the place of the package in the file, from 1: a serial number is somebody's. */
      readonly problems: readonly { readonly place: number; readonly code: ProblemCode }[];
    }
  | { readonly outcome: 'not-pskc' };

/** Reads a seed file of a maker of tokens, plain or encrypted with a pre-shared AES key. @see RFC 6030 */
export function readPskc(text: string, preSharedKey?: Buffer): SeedFile {
  const root = parseXml(text, { most: MOST_CHARACTERS, comments: 'dropped', nodes: Number.POSITIVE_INFINITY })?.root;
  if (!root || !isNamed(root, PSKC, 'KeyContainer')) return { outcome: 'not-pskc' };
  const keys = preSharedKey && keysOf(root, preSharedKey);
  const read = childrenOf(root, PSKC, 'KeyPackage').map((each) => readPackage(each, keys));
  return {
    outcome: 'read',
    tokens: read.filter((token) => typeof token !== 'string'),
    problems: read.flatMap((code, index) => (typeof code === 'string' ? [{ place: index + 1, code }] : [])),
  };
}

function readPackage(each: Element, keys: SeedKeys | undefined): TokenSeed | ProblemCode {
  const key = onlyChild(each, PSKC, 'Key');
  const method = methodOf(attributeOf(key, 'Algorithm') ?? '');
  const serial = textOf(onlyChild(onlyChild(each, PSKC, 'DeviceInfo'), PSKC, 'SerialNo')) ?? attributeOf(key, 'Id');
  if (serial === undefined) return 'no-serial';
  if (!key || !method) return 'unknown-algorithm';
  const data = onlyChild(key, PSKC, 'Data');
  const secret = secretOf(onlyChild(data, PSKC, 'Secret'), keys);
  if (typeof secret === 'string') return secret;
  const counter = numberOf(data, 'Counter', 0);
  const period = method === 'M37' ? numberOf(data, 'TimeInterval', 30) : undefined;
  const form = formOf(key);
  if (!form || Number.isNaN(counter) || Number.isNaN(period)) return 'bad-number';
  const user = textOf(onlyChild(key, PSKC, 'UserId'));
  return { method, serial, user, seed: secret.toString('hex'), counter, period, ...form };
}

const methodOf = (algorithm: string): TokenSeed['method'] | undefined => {
  const name = /[:#](hotp|totp)$/i.exec(algorithm)?.[1]?.toLowerCase();
  if (name === undefined) return undefined;
  return name === 'totp' ? 'M37' : 'M38';
};

function secretOf(data: Element | undefined, keys: SeedKeys | undefined): Buffer | ProblemCode {
  if (!data) return 'no-seed';
  const plain = textOf(onlyChild(data, PSKC, 'PlainValue'));
  if (plain !== undefined) return Buffer.from(plain, 'base64');
  if (!onlyChild(data, PSKC, 'EncryptedValue')) return 'no-seed';
  return (keys && openEncrypted(data, keys)) ?? 'cannot-decrypt';
}

/** NaN for one that is no count. */
function numberOf(data: Element | undefined, name: string, otherwise: number): number {
  const element = onlyChild(data, PSKC, name);
  if (!element) return otherwise;
  const text = textOf(onlyChild(element, PSKC, 'PlainValue')) ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

function formOf(key: Element): Pick<TokenSeed, 'digits' | 'algorithm'> | undefined {
  const parameters = onlyChild(key, PSKC, 'AlgorithmParameters');
  const format = onlyChild(parameters, PSKC, 'ResponseFormat');
  const digits = Number(attributeOf(format, 'Length') ?? 6);
  const suite = (textOf(onlyChild(parameters, PSKC, 'Suite')) ?? 'HMAC-SHA1').toUpperCase();
  const algorithm = /SHA-?(1|256|512)$/.exec(suite)?.[1];
  return [6, 7, 8].includes(digits) && algorithm !== undefined ? { digits, algorithm: `SHA${algorithm}` } : undefined;
}
