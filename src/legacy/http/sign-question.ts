import { createPrivateKey, createPublicKey } from 'node:crypto';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { AdapterContext } from '../adapter.ts';
import type { HttpAnswer } from '../egress/ask-http.ts';
import { LegacyFault } from '../legacy-fault.ts';
import type { Signing } from './shared-settings.ts';
import {
  type Algorithm,
  type Component,
  contentDigest,
  inputOf,
  isSignedBy,
  signatureBase,
  signBase,
  type SigningKey,
} from './sign-message.ts';

const LIFETIME_SECONDS = 60;
const SKEW_SECONDS = 60;
const SHORTEST_SHARED = 32;
const LABEL = 'latchkey';
/** What an answer must cover: what it says, and which question it is the answer to (RFC 9421 §2.4). */
const COVERED = ['"@status"', '"content-type"', '"content-digest"', `"signature";req;key="${LABEL}"`] as const;
const COMPONENT = '"[a-z@-]{1,40}"(?:;req;key="latchkey")?';
const PARAMETER = ';[a-z]{1,10}=(?:\\d{1,12}|"[\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]{1,300}")';
const ANSWER_INPUT = new RegExp(`^answer=(\\((${COMPONENT}(?: ${COMPONENT}){3})\\)((?:${PARAMETER}){1,8}))$`);
const ANSWER_SIGNATURE = /^answer=:([A-Za-z0-9+/]{20,200}={0,2}):$/;

export interface QuestionToSign {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SignedQuestion {
  readonly headers: Readonly<Record<string, string>>;
  /** @throws LegacyFault for an answer that is not signed, or not an answer to this */
  check(answer: HttpAnswer): void;
}

export type Signer = (question: QuestionToSign) => SignedQuestion;

/** @throws LatchkeyError `config_invalid` for a key that is not one */
export function createSigner(settings: Signing, context: AdapterContext): Signer {
  const { keyId, algorithm, answers } = settings;
  const ours = { keyId, algorithm, key: readKey(algorithm, context.secret(settings.keySecret), 'private', context) };
  const theirs = { ...answers, key: readKey(answers.algorithm, keyOfAnswers(answers, context), 'public', context) };
  return (question) => {
    const signature = signQuestion(question, ours, context);
    return { headers: signature.headers, check: (answer) => checkAnswer(answer, signature.value, theirs, context) };
  };
}

const keyOfAnswers = (answers: Signing['answers'], context: AdapterContext): string =>
  answers.keySecret === undefined ? (answers.publicKey ?? '') : context.secret(answers.keySecret);

function readKey(algorithm: Algorithm, text: string, kind: 'private' | 'public', { source }: AdapterContext): Buffer {
  const wrong = (what: string): LatchkeyError => new LatchkeyError('config_invalid', `The source ${source}: ${what}.`);
  if (algorithm === 'hmac-sha256') {
    const key = Buffer.from(text, 'base64');
    if (key.length < SHORTEST_SHARED) throw wrong('a shared signing key has 32 bytes or more, in Base64');
    return key;
  }
  const wanted = algorithm === 'ed25519' ? 'ed25519' : 'ec';
  try {
    const key = kind === 'private' ? createPrivateKey(text) : createPublicKey(text);
    if (key.asymmetricKeyType === wanted) return Buffer.from(text);
  } catch {
    // The reason would quote the key.
  }
  throw wrong(`the ${kind} signing key is not a key for ${algorithm}`);
}

function signQuestion(
  { url, method, headers, body }: QuestionToSign,
  key: SigningKey,
  { now, randomBytes }: AdapterContext,
): { readonly headers: Readonly<Record<string, string>>; readonly value: string } {
  const digest = contentDigest(body);
  const covered = ['content-type', 'authorization'].flatMap((name): Component[] =>
    headers[name] === undefined ? [] : [[`"${name}"`, headers[name]]],
  );
  const components: Component[] = [
    ['"@method"', method],
    ['"@target-uri"', url],
    ['"content-digest"', digest],
    ...covered,
  ];
  const created = Math.floor(now().getTime() / 1000);
  const nonce = randomBytes(18).toString('base64url');
  const parameters =
    `;created=${created};expires=${created + LIFETIME_SECONDS};nonce="${nonce}";keyid="${key.keyId}"` +
    `;alg="${key.algorithm}";tag="latchkey-question"`;
  const input = inputOf(components, parameters);
  const value = `:${signBase(signatureBase(components, input), key)}:`;
  return {
    headers: { 'content-digest': digest, 'signature-input': `${LABEL}=${input}`, signature: `${LABEL}=${value}` },
    value,
  };
}

function checkAnswer(answer: HttpAnswer, question: string, key: SigningKey, { now }: AdapterContext): void {
  // What stands in front of the old system has no key, and says so by its status.
  if (answer.status >= 500) throw new LegacyFault('server-error', `status ${answer.status}`);
  const { input, list, parameters, signature } = readSignature(answer);
  const values = coveredOf(answer, question);
  if (COVERED.some((identifier) => !list.includes(identifier)))
    throw new LegacyFault('garbage', 'a signature that does not cover the whole answer');
  const components = list.map((identifier): Component => [identifier, values.get(identifier) ?? '']);
  checkParameters(parameters, key, now());
  if (!isSignedBy(signatureBase(components, input), signature, key))
    throw new LegacyFault('garbage', 'an answer with a signature that is not right');
}

const coveredOf = ({ status, headers, body }: HttpAnswer, question: string): ReadonlyMap<string, string> =>
  new Map([
    [COVERED[0], String(status)],
    [COVERED[1], headers['content-type'] ?? ''],
    // Of the body that came, whatever the header says.
    [COVERED[2], contentDigest(body)],
    [COVERED[3], question],
  ]);

interface Signature {
  readonly input: string;
  readonly list: readonly string[];
  readonly parameters: string;
  readonly signature: Buffer;
}

function readSignature({ headers }: HttpAnswer): Signature {
  const [, input, list = '', parameters = ''] = ANSWER_INPUT.exec(headers['signature-input'] ?? '') ?? [];
  const [, signature] = ANSWER_SIGNATURE.exec(headers['signature'] ?? '') ?? [];
  if (input === undefined || signature === undefined) throw new LegacyFault('garbage', 'an answer without a signature');
  return { input, list: list.split(' '), parameters, signature: Buffer.from(signature, 'base64') };
}

function checkParameters(parameters: string, { keyId, algorithm }: SigningKey, now: Date): void {
  const said = new Map(parameters.split(/;(?=[a-z]+=)/).map((pair) => splitAt(pair)));
  if (said.get('keyid') !== `"${keyId}"`) throw new LegacyFault('garbage', 'an answer signed with another key');
  const alg = said.get('alg');
  if (alg !== undefined && alg !== `"${algorithm}"`)
    throw new LegacyFault('garbage', 'an answer signed in another way');
  const age = now.getTime() / 1000 - Number(said.get('created') ?? Number.NaN);
  if (!(Math.abs(age) <= LIFETIME_SECONDS + SKEW_SECONDS))
    throw new LegacyFault('garbage', 'an answer of another time');
}

function splitAt(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return [pair.slice(0, at), pair.slice(at + 1)];
}
