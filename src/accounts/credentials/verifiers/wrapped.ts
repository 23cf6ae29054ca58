import { argon2Reading } from './families/argon2.ts';
import { fromBase64 } from './primitives/encodings.ts';
import { schemeRow } from './registry.ts';
import { type HashProblem, type Read, type Reading, type SchemeRow, malformed } from './scheme.ts';
import type { SideInput } from './side.ts';
import { openStored, readStored } from './stored-value.ts';

const FORM =
  /^\$wrapped\$(?<scheme>[a-z0-9-]{1,40})\$(?<template>[A-Za-z0-9_-]+)(?<argon2>\$argon2id\$v=19\$m=(?<m>\d{1,7}),t=(?<t>\d{1,4}),p=(?<p>\d{1,2})\$(?<salt>[A-Za-z0-9+/]{22})\$(?<digest>[A-Za-z0-9+/]{43}))$/;

const MAX_LENGTH = 12_000;

export interface WrappedValue {
  readonly row: SchemeRow;
  readonly side: SideInput;
  readonly compute: Reading['compute'];
  readonly cost: number;
  /** argon2id over the digest of the old scheme. */
  readonly argon2: string;
}

/** The template is the old value with its digest blanked: it says how to compute, and not what must come out. */
export function writeWrapped(scheme: string, template: string, argon2: string): string {
  return `$wrapped$${scheme}$${Buffer.from(template).toString('base64url')}${argon2}`;
}

export const isWrapped = (encoded: string): boolean => encoded.startsWith('$wrapped$');

export function openWrapped(encoded: string): WrappedValue | { readonly problem: HashProblem } {
  if (encoded.length > MAX_LENGTH) return { problem: 'too-long' };
  const groups = FORM.exec(encoded)?.groups;
  const { scheme = '', template = '', argon2 = '' } = groups ?? {};
  const row = schemeRow(scheme);
  if (!groups || !row) return malformed;
  const bounds = boundsOf(groups);
  if ('problem' in bounds) return bounds;
  const value = openStored(Buffer.from(template, 'base64url').toString());
  if ('problem' in value) return value;
  const read = readStored(row, value);
  if ('problem' in read) return read;
  return { row, side: value.side, compute: read.compute, cost: read.cost, argon2 };
}

const boundsOf = ({ m, t, p, salt = '', digest = '' }: Partial<Record<string, string>>): Read =>
  argon2Reading({
    type: 'id',
    version: 19,
    memoryKiB: Number(m),
    iterations: Number(t),
    parallelism: Number(p),
    salt: fromBase64(salt),
    expected: fromBase64(digest),
  });

/** What argon2id is asked about. Only a computed digest ever gets here, never what somebody typed (linking-attacks 26). */
export const wrapInput = (scheme: string, digest: Buffer): string => `wrapped:${scheme}:${digest.toString('hex')}`;
