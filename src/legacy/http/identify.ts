import { type Static, Type } from 'typebox';
import { LatchkeyError } from '../../platform/failure/latchkey-error.ts';
import type { AdapterContext } from '../adapter.ts';
import { type Answered, type Attribute, type Level, type Proved, refused, type Warning } from '../answer.ts';
import { fits } from './judge-reply.ts';
import { readRights } from './read-rights.ts';
import type { Reply } from './reply.ts';
import { channel, reading } from './shared-settings.ts';

const ReadingSettings = Type.Object({ ...reading, level: channel.level });
type ReadingSettings = Static<typeof ReadingSettings>;

const LONGEST_KEY = 255;
const LONGEST_VALUE = 500;
const CONTROLS = /\p{Cc}/u;
/** Names of people, not of records: they change, and are given to others. */
const NO_KEYS =
  /(?:^|[.:/@_-])(?:e-?mail|mail|email_?address|user_?name|login|name|display_?name|phone|mobile|msisdn)$/i;

export interface Identified {
  readonly settings: ReadingSettings;
  readonly login: string;
  readonly proved: readonly Proved[];
}

/** @throws LatchkeyError `config_invalid` for a key that may be somebody else's tomorrow */
export function checkKey({ key }: ReadingSettings, source: string): void {
  if (typeof key !== 'object' || !NO_KEYS.test(key.path)) return;
  throw new LatchkeyError(
    'config_invalid',
    `The source ${source}: ${key.path} may be given to somebody else and cannot be the key. Where there is nothing better, say "login".`,
  );
}

/** Who the old system says it is, once it has said that the secret is right. */
export function identify(reply: Reply, { settings, login, proved }: Identified, context: AdapterContext): Answered {
  const accountKey = keyOf(reply, settings, login);
  if (accountKey === undefined) return refused('identifier-missing');
  const { level, isLowered } = levelOf(proved, settings);
  const warnings: Warning[] = [
    ...(settings.key === 'login' ? (['identifier-may-be-reassigned'] as const) : []),
    ...(settings.warnings ?? []).filter((rule) => fits(reply, rule)).map((rule) => rule.as),
    ...(isLowered ? (['level-lowered'] as const) : []),
  ];
  const attributes = attributesOf(reply, settings, context);
  const rights = settings.rights && readRights(reply, settings.rights);
  return {
    outcome: 'identified',
    identity: { accountKey, evidence: 'sign-in', proved, level, attributes, warnings, ...(rights && { rights }) },
  };
}

export function keyOf(reply: Reply, { key = { path: 'id' } }: ReadingSettings, login: string): string | undefined {
  if (key === 'login') return login;
  const found = reply.read(key.path);
  const text = typeof found === 'number' ? String(found) : found;
  if (typeof text !== 'string' || text === '' || text.length > LONGEST_KEY || CONTROLS.test(text)) return undefined;
  return text;
}

/** What happened in this session, and never more than the source is registered for (E6). */
function levelOf(
  proved: readonly Proved[],
  { level: most }: ReadingSettings,
): { readonly level: Level; readonly isLowered: boolean } {
  const reached: Level = proved.includes('password') && proved.includes('one-time-code') ? 'Cl.Cm' : 'Cl';
  if (most === undefined || most === reached) return { level: reached, isLowered: false };
  return most === 'Cl.Cm' ? { level: 'Cl', isLowered: true } : { level: most, isLowered: false };
}

function attributesOf(
  reply: Reply,
  { attributes = [], asOfPath }: ReadingSettings,
  { source, now }: AdapterContext,
): readonly Attribute[] {
  const said = asOfPath === undefined ? undefined : Date.parse(String(reply.read(asOfPath)));
  const asOf = (said === undefined || Number.isNaN(said) ? now() : new Date(said)).toISOString();
  return attributes.flatMap(({ name, path, verified }) => {
    const found = reply.read(path);
    const value = found === undefined || typeof found === 'boolean' ? '' : String(found).slice(0, LONGEST_VALUE);
    return value === '' ? [] : [{ name, value, from: source, asOf, ...(verified === true && { verified }) }];
  });
}
