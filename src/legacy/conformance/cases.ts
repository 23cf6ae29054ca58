import { randomInt } from 'node:crypto';
import type { GuardedAdapter } from '../create-legacy.ts';
import type { Unavailable } from '../guard/guard.ts';

/** Somebody whom the old system knows, for as long as the check lasts. */
export interface KnownPerson {
  readonly login: string;
  /** For every field but the login and those of `more`. */
  readonly secret: string;
  /** By field, where a method asks for more than one thing. */
  readonly more?: Readonly<Record<string, string>> | undefined;
}

export interface Examined {
  readonly adapter: GuardedAdapter;
  readonly probe: () => Promise<Unavailable | undefined>;
  /** The form that a user name is asked for in; undefined for what is none there. */
  readonly normalise: (typed: string) => string | undefined;
  readonly known?: KnownPerson | undefined;
  readonly disabled?: KnownPerson | undefined;
  /** Below which no answer may come. */
  readonly floorMs: number;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
}

/** What one question came to, and how long it took. Nothing of a person is in `says`. */
export interface Seen {
  readonly outcome: 'identified' | 'asks' | 'refused' | 'unavailable' | 'too-many';
  readonly says: string;
  readonly reason?: string | undefined;
  readonly accountKey?: string | undefined;
  readonly isPassword?: boolean;
  readonly ms: number;
}

/** What cases share: questions, and what earlier ones came to. */
export interface Bench {
  readonly examined: Examined;
  /** The rest of the fields is what the known person has. */
  readonly ask: (login: string, secret: string) => Promise<Seen>;
  /** Whether a secret is asked for beside the name; otherwise everybody is asked for a code next. */
  readonly asksSecret: boolean;
  readonly unknown: string;
  readonly seen: Map<string, Seen>;
}

export type Judged = { readonly seen: string; readonly ok: boolean } | { readonly notTried: string };

export interface ConformanceCase {
  readonly name: string;
  readonly expected: string;
  readonly run: (bench: Bench) => Promise<Judged>;
}

const NO_PERSON = { notTried: 'no person was given' } as const;
const NO_SECRET = { notTried: 'only a name is asked for at first' } as const;
const ELSEWHERE = { notTried: 'a real system is not made to lie: test/contract/legacy-adapter does that' } as const;

const isIn = ({ outcome }: Seen): boolean => outcome === 'identified' || outcome === 'asks';
const isRefused = (seen: Seen): boolean => seen.outcome === 'refused';
/** Kept out; or, where only a name is asked for, told just what a known person is told. */
const isKeptOut = (seen: Seen, { asksSecret, seen: before }: Bench): boolean =>
  isRefused(seen) || (!asksSecret && seen.says === before.get('known')?.says);
const judged = (seen: Seen, ok: boolean): Judged => ({ seen: seen.says, ok });

/** Shapes that have meant something else to some old system: SQL, LDAP, JSON, XML, paths, templates, lines. */
const INJECTIONS = [
  "' OR '1'='1",
  "admin'--",
  '*',
  '*)(objectClass=*',
  '"},"login":"admin',
  '</user><user>admin',
  '&xxe;',
  '../admin',
  '%00',
  '{password}',
  'admin,dc=old',
  'a\nb',
];

const notHere = (name: string): ConformanceCase => ({
  name,
  expected: 'out of order within 5 s',
  run: async () => ELSEWHERE,
});

/** In the order in which they are tried. The known person is last let in, which clears what the far end has counted. */
export const CASES: readonly ConformanceCase[] = [
  {
    name: 'is there',
    expected: 'yes',
    async run({ examined }) {
      const trouble = await examined.probe();
      return { seen: trouble ? `unavailable: ${trouble.reason}` : 'yes', ok: trouble === undefined };
    },
  },
  {
    name: 'known person',
    expected: 'identified, or asked for more',
    async run({ examined: { known }, ask, seen }) {
      if (!known) return NO_PERSON;
      const answer = await ask(known.login, known.secret);
      seen.set('known', answer);
      return judged(answer, isIn(answer));
    },
  },
  {
    name: 'wrong password',
    expected: 'refused',
    async run({ examined: { known }, ask, asksSecret, seen }) {
      if (!known) return NO_PERSON;
      if (!asksSecret) return NO_SECRET;
      const answer = await ask(known.login, otherThan(known.secret));
      seen.set('wrong', answer);
      return judged(answer, isRefused(answer));
    },
  },
  {
    name: 'unknown person',
    expected: 'refused',
    async run(bench) {
      const { examined, ask, unknown, seen } = bench;
      const answer = await ask(unknown, examined.known?.secret ?? 'no secret of anybody');
      seen.set('unknown', answer);
      return judged(answer, isKeptOut(answer, bench));
    },
  },
  {
    name: 'disabled person',
    expected: 'refused, with the right password',
    async run(bench) {
      const { disabled } = bench.examined;
      if (!disabled) return NO_PERSON;
      const answer = await bench.ask(disabled.login, disabled.secret);
      return judged(answer, isKeptOut(answer, bench));
    },
  },
  {
    name: 'empty password',
    expected: 'refused as misshapen',
    async run({ examined: { known }, ask, asksSecret, unknown }) {
      if (!asksSecret) return NO_SECRET;
      const answer = await ask(known?.login ?? unknown, '');
      return judged(answer, answer.reason === 'misshapen');
    },
  },
  {
    name: 'overlong password',
    expected: 'refused as misshapen',
    async run({ examined: { known }, ask, asksSecret, unknown }) {
      if (!asksSecret) return NO_SECRET;
      const answer = await ask(known?.login ?? unknown, 'x'.repeat(1025));
      return judged(answer, answer.reason === 'misshapen');
    },
  },
  {
    name: 'names that inject',
    expected: 'refused, each of them',
    async run(bench) {
      for (const login of INJECTIONS) {
        // oxlint-disable-next-line no-await-in-loop -- an old system is not to be asked all at once
        const answer = await bench.ask(login, bench.examined.known?.secret ?? 'no secret of anybody');
        if (!isKeptOut(answer, bench))
          return judged({ ...answer, says: `${JSON.stringify(login)}: ${answer.says}` }, false);
      }
      return { seen: `kept out, all ${INJECTIONS.length}`, ok: true };
    },
  },
  {
    name: 'time of wrong and unknown',
    expected: 'both within the floor',
    async run({ examined: { floorMs }, seen }) {
      const [wrong, unknown] = [seen.get('wrong'), seen.get('unknown')];
      if (!wrong || !unknown) return NO_PERSON;
      if (floorMs === 0) return { notTried: 'the source has no floor' };
      const times = [wrong.ms, unknown.ms].map((ms) => Math.round(ms));
      const ok = times.every((ms) => ms >= floorMs - 2 && ms <= floorMs * 1.25 + 50);
      const advice = ok ? '' : ': set limits.floorMs above what the old system needs';
      return { seen: `${times.join(' and ')} ms, floor ${floorMs} ms${advice}`, ok };
    },
  },
  {
    name: 'known person again',
    expected: 'the same key as before',
    async run({ examined: { known }, ask, seen }) {
      const before = seen.get('known');
      if (!known || !before) return NO_PERSON;
      if (before.outcome !== 'identified') return { notTried: 'the key comes with a later step' };
      if (before.isPassword !== true) return { notTried: 'what was proved is good once' };
      const answer = await ask(known.login, known.secret);
      const isSame = answer.outcome === 'identified' && answer.accountKey === before.accountKey;
      return { seen: isSame ? 'the same key' : `another key, or none: ${answer.says}`, ok: isSame };
    },
  },
  ...['slow answer', 'garbage', 'answer without end', 'redirect loop', 'wrong certificate'].map(notHere),
];

/** As long, and wrong in every place. */
const otherThan = (secret: string): string => secret.replaceAll(/[^]/g, (unit) => (unit === '0' ? '1' : '0'));

const draw = (from: string): string => from.charAt(randomInt(from.length));

/** A name of the same shape that nobody has: digits stay digits, letters letters. */
export function strangerLike(login: string | undefined): string {
  const shape = login ?? 'nobody-aaaaaaaa';
  return shape
    .replaceAll(/[0-9]/g, () => draw('0123456789'))
    .replaceAll(/[a-z]/g, () => draw('bcdfghjklmnpqrstvwxz'))
    .replaceAll(/[A-Z]/g, () => draw('BCDFGHJKLMNPQRSTVWXZ'));
}
