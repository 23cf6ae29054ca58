import { digest } from '../primitives/digests.ts';
import { repeat } from '../primitives/repeat.ts';
import { type Read, malformed, scheme, tooCostly } from '../scheme.ts';
import { md5CryptText } from './crypt-md5.ts';

/** Shakespeare's Hamlet, act 3, scene 1, with the NUL of a C string: every other round hashes it too. */
const SOLILOQUY = Buffer.from(`To be, or not to be,--that is the question:--
Whether 'tis nobler in the mind to suffer
The slings and arrows of outrageous fortune
Or to take arms against a sea of troubles,
And by opposing end them?--To die,--to sleep,--
No more; and by a sleep to say we end
The heartache, and the thousand natural shocks
That flesh is heir to,--'tis a consummation
Devoutly to be wish'd. To die,--to sleep;--
To sleep! perchance to dream:--ay, there's the rub;
For in that sleep of death what dreams may come,
When we have shuffled off this mortal coil,
Must give us pause: there's the respect
That makes calamity of so long life;
For who would bear the whips and scorns of time,
The oppressor's wrong, the proud man's contumely,
The pangs of despis'd love, the law's delay,
The insolence of office, and the spurns
That patient merit of the unworthy takes,
When he himself might his quietus make
With a bare bodkin? who would these fardels bear,
To grunt and sweat under a weary life,
But that the dread of something after death,--
The undiscover'd country, from whose bourn
No traveller returns,--puzzles the will,
And makes us rather bear those ills we have
Than fly to others that we know not of?
Thus conscience does make cowards of us all;
And thus the native hue of resolution
Is sicklied o'er with the pale cast of thought;
And enterprises of great pith and moment,
With this regard, their currents turn awry,
And lose the name of action.--Soft you now!
The fair Ophelia!--Nymph, in thy orisons
Be all my sins remember'd.
\0`);

const BASIC_ROUNDS = 4096;
/** About half a second. */
const MAX_ROUNDS = 150_000;
/** A round hashes 800 bytes, on average. */
const COST_OF_ROUND = 4;

const bitOf = (bytes: Buffer, index: number): number => ((bytes[(index >> 3) & 15] ?? 0) >> (index & 7)) & 1;

/** Eight bits of the digest, chosen by other parts of it. */
function gather(last: Buffer, from: number): number {
  let value = 0;
  for (let index = 0; index < 8; index += 1) {
    const a = last[(from + index) & 15] ?? 0;
    const b = last[(from + index + 3) & 15] ?? 0;
    const chosen = last[(a >> (b % 5)) & 15] ?? 0;
    value |= bitOf(last, (b >> (a & 7)) & 1 ? chosen >> 1 : chosen) << index;
  }
  return value;
}

/** Whether this round hashes the text: a coin that the digest before tosses. */
function tossesHeads(last: Buffer, round: number): boolean {
  const x = gather(last, 0) >> bitOf(last, round & 127);
  const y = gather(last, 8) >> bitOf(last, (round + 64) & 127);
  return (bitOf(last, x) ^ bitOf(last, y)) === 1;
}

async function sunMd5(password: Buffer, setting: string, rounds: number): Promise<string> {
  let last = digest('md5', password, Buffer.from(setting));
  await repeat(rounds, (round) => {
    const count = Buffer.from(String(round));
    last = tossesHeads(last, round) ? digest('md5', last, SOLILOQUY, count) : digest('md5', last, count);
  });
  return md5CryptText(last);
}

/** With and without a second dollar: a slip of the original made both, and it is part of what is hashed. */
const FORM =
  /^(?<setting>\$md5(?:[,$]rounds=(?<rounds>[1-9]\d{0,9}))?\$(?<salt>[./0-9A-Za-z]{0,64})(?<slip>\$?))\$(?<digest>[./0-9A-Za-z]{22})$/;

function readSunMd5(stored: string): Read {
  const groups = FORM.exec(stored)?.groups;
  if (!groups) return malformed;
  const { setting = '', digest: text = '', rounds: more = '0' } = groups;
  const rounds = BASIC_ROUNDS + Number(more);
  if (rounds > MAX_ROUNDS) return tooCostly;
  return {
    cost: rounds * COST_OF_ROUND,
    expected: Buffer.from(text),
    // A C string: what is behind a NUL was never hashed, and is refused here instead.
    compute: async ({ bytes }) => (bytes.includes(0) ? undefined : Buffer.from(await sunMd5(bytes, setting, rounds))),
    blank: stored.slice(0, -text.length) + '.'.repeat(text.length),
  };
}

export const CRYPT_SUN_MD5_ROWS = [
  scheme({
    id: 'sun-md5-crypt',
    family: 'crypt',
    shape: /^\$md5(?:,rounds=\d+|\$rounds=\d+)?\$[./0-9A-Za-z]*\${1,2}[./0-9A-Za-z]{22}$/,
    costClass: 'md5-rounds',
    commonCost: BASIC_ROUNDS * COST_OF_ROUND,
    bounds: 'rounds ≤ 150,000; NUL is refused',
    note: 'Solaris $md5$ and $md5,rounds=n$, with and without the second dollar',
    maxPasswordBytes: 256,
    read: readSunMd5,
  }),
] as const;
