import { LatchkeyError } from '../failure/latchkey-error.ts';
import { isSecretName, scrub } from './personal-data.ts';

const BLANK = '[redacted]';
const MAX_DEPTH = 4;

/** A copy of what is to be logged, without what must not be. Objects of classes other than Error are left out. */
export function redact(fields: Record<string, unknown>): Record<string, unknown> {
  return redactObject(fields, 0);
}

function redactObject(fields: object, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    clean[name] = isSecretName(name) ? BLANK : redactValue(value, depth + 1);
  }
  return clean;
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return scrub(value);
  if (typeof value !== 'object' || value === null || value instanceof Error || value instanceof Date) return value;
  if (depth > MAX_DEPTH) return '[deep]';
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? redactObject(value, depth) : '[object]';
}

/** Texts among the arguments of a log call: the message and its values. */
export function redactMessage<T extends readonly unknown[]>(inputs: T): T;
export function redactMessage(inputs: readonly unknown[]): unknown[] {
  return inputs.map((input) => (typeof input === 'string' ? scrub(input) : input));
}

// A type, not an interface: pino's serialisers want an index signature, which an interface does not give.
export type SerialisedError = {
  readonly type: string;
  readonly message: string;
  readonly stack: string;
  readonly code?: string | undefined;
  readonly detail?: string | undefined;
  readonly cause?: SerialisedError | undefined;
};

/** Only named fields: errors of drivers carry whole rows in others (`detail` of a unique violation holds the value). */
export function serialiseError(error: unknown, depth = 0): SerialisedError {
  if (!(error instanceof Error)) return { type: typeof error, message: BLANK, stack: '' };
  const code: unknown = 'code' in error ? error.code : undefined;
  // JSON.parse quotes the beginning of what it could not read, which may be what an old system says of somebody.
  const isQuoting = error instanceof SyntaxError;
  return {
    type: error.name,
    message: isQuoting ? BLANK : scrub(error.message),
    code: typeof code === 'string' ? code : undefined,
    detail: error instanceof LatchkeyError && error.detail !== undefined ? scrub(error.detail) : undefined,
    stack: isQuoting ? '' : scrub(error.stack ?? ''),
    cause: error.cause === undefined || depth >= MAX_DEPTH ? undefined : serialiseError(error.cause, depth + 1),
  };
}
