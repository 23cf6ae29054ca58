import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LegacyProof, ProofPlace } from '../../src/migration/index.ts';
import { legacyKeyOf } from '../../src/migration/ledger/legacy-keys.ts';
import { createRowProver } from '../../src/migration/proofs/prove-row.ts';
import { rentCsv, rentPortal, ssha512Of } from '../support/legacy-estate.ts';
import { type OldWorld, oldWorld } from '../support/old-world.ts';

// Rows of linking-attacks.md that the domain decides. Others stand elsewhere: 22 to 29 with the old password formats,
// 2 and 3 with sessions and pages, 4 with changes of address, 30 with live systems, 34 with merging, 37 with the protocol.

let world: OldWorld;
let operator: { actor: string };

beforeAll(async () => {
  world = await oldWorld();
  operator = { actor: 'operator:test' };
  const add = (source: string, policy: Record<string, unknown>, changes: Record<string, unknown> = {}) =>
    world.migration.sources.add(
      rentPortal({
        source,
        subjects: 'none',
        sectors: [],
        policy: { version: 1, assurance: 'Cl', ...policy },
        ...changes,
      }),
      operator,
    );
  await add('mailbox-only', { proofs: ['old-password', 'contact-code'] });
  await add('mailbox-and-fact', { proofs: ['contact-code', { kind: 'reference-and-fact', facts: ['name'] }] });
  await add('federated', { proofs: ['redirect-assertion'], assurance: 'Cl.Cm' });
  await add('two-needed', { proofs: ['old-password', 'contact-code'], needed: 2 });
  await add('vouched', { proofs: ['two-operators', 'old-password'] });
  await add('attested', { proofs: [{ kind: 'service-attestation', by: ['rent-web'] }], assurance: 'Cl.Cm' });
});
afterAll(() => world.drop());

type Person = Awaited<ReturnType<OldWorld['oldPerson']>>;

/** What an adapter has just made of a partner's statement. */
const assertion = async (key: string, legacyId: string) =>
  createRowProver({ ...world, recordEvent: (event) => world.events.push(event), now: () => world.clock.now }).prove({
    source: await world.migration.sources.find(key),
    legacyKey: legacyKeyOf(world.keyRing, key, legacyId),
    kind: 'redirect-assertion',
    place: world.place(),
  });

const adding = (accountId: string, name = 'one') =>
  ({ ...world.place(name), purpose: 'add-old-account', accountId }) as const;

/** A first sign-in with these proofs, into a new account. */
const asNew = (proofs: LegacyProof[], changes: Record<string, unknown> = {}) =>
  world.migration.adoptAccount({
    proof: proofs[0]!,
    furtherProofs: proofs.slice(1),
    ...world.place(),
    meta: world.citizen,
    newAccount: { email: world.newEmail(), emailProvedAt: world.clock.now, language: 'en' },
    ...changes,
  });

const addTo = (accountId: string, proof: LegacyProof, place: ProofPlace = adding(accountId)) =>
  world.migration.addOldAccount({
    proof,
    ...place,
    meta: world.citizen,
    accountId,
    accountProvedAt: world.clock.now,
  });

const undo = (accountId: string, linkId: string) =>
  world.migration.links.undo({
    accountId,
    linkId,
    accountProvedAt: world.clock.now,
    reason: 'not-wanted',
    meta: world.citizen,
  });

let networks = 0;

/** A code to the contact on record, as the mailbox's reader types it. */
async function contactCode(person: Person, changes: Record<string, unknown> = {}) {
  let sent: { to: string | undefined; code: string } | undefined;
  const ip = `10.99.${(networks += 1)}.1`;
  const asked = { source: person.source, login: person.login, ip, ...world.place(), ...changes };
  const result = await world.migration.oldAccounts.sendContactCode({
    ...asked,
    deliver: (_tx, message) => Promise.resolve(void (sent = message)),
  });
  if (result.outcome !== 'sent' || !sent) throw new Error(JSON.stringify(result));
  const { challengeId } = result;
  const answer = (code: string, more: Record<string, unknown> = {}) =>
    world.migration.oldAccounts.checkContactCode({ ...asked, challengeId, code, ...more });
  return { ...sent, answer };
}

function proofOf(result: { outcome: string }): LegacyProof {
  if (!('proof' in result)) throw new Error(JSON.stringify(result));
  return result.proof as LegacyProof;
}

const fact = (person: Person, value = person.name ?? '') =>
  world.migration.oldAccounts.checkReference({
    source: person.source,
    reference: person.id,
    fact: { kind: 'name', value },
    ip: '192.0.2.1',
    ...world.place(),
  });

async function linksOf(person: Person): Promise<number> {
  const rows = await world.db.query({
    text: 'SELECT 1 FROM links WHERE legacy_key = $1 AND undone_at IS NULL',
    values: [world.legacyKey(person)],
  });
  return rows.length;
}

describe('who may link', () => {
  it('LA01, L1, E2: an account that was there first gets nothing that it did not prove itself', async () => {
    const attacker = await world.adopt(await world.oldPerson());
    const victim = await world.oldPerson({ email: attacker.email });
    const proof = await world.prove(victim);
    const email = attacker.email;
    // The victim, with the address proved: that is not a proof of the account that has it.
    const asVictim = { newAccount: { email, emailProvedAt: world.clock.now, language: 'en' } };
    expect(await asNew([proof], asVictim)).toEqual({ outcome: 'needs-choice', reason: 'address-taken' });
    const unproved = { accountId: attacker.accountId, accountProvedAt: new Date(0) };
    const { proof: same, ...rest } = { proof, ...world.place(), meta: world.citizen };
    expect(await world.migration.adoptAccount({ proof: same, ...rest, ...unproved })).toEqual({
      outcome: 'needs-proof',
      of: 'account',
      because: 'stale',
    });
    expect(await linksOf(victim)).toBe(0);
  });

  it('LA05, L5: a kind of proof that the source does not name proves nothing', async () => {
    const person = await world.oldPerson({}, 'mailbox-and-fact');
    expect(await world.check(person)).toEqual({ outcome: 'mismatch' });
    expect(world.events.at(-1)?.detail).toMatchObject({ reason: 'proof-not-allowed' });
    expect(await assertion(person.source, person.id)).toEqual({ outcome: 'mismatch' });
    expect(world.events.at(-1)?.detail).toMatchObject({ reason: 'proof-not-allowed' });
  });

  it('LA05: a proof that was allowed when it was made is judged by the policy that is in force when it is used', async () => {
    await world.migration.sources.add(rentPortal({ source: 'changing' }), operator);
    const person = await world.oldPerson({}, 'changing');
    const proof = await world.prove(person);
    const policy = { version: 2, proofs: ['redirect-assertion'], assurance: 'Cl' };
    await world.migration.sources.add(rentPortal({ source: 'changing', policy }), operator);
    expect(await asNew([proof])).toEqual({ outcome: 'refused', reason: 'proof-not-allowed' });
    const unraised = { ...policy, proofs: ['old-password'] };
    expect(
      await world.migration.sources.add(rentPortal({ source: 'changing', policy: unraised }), operator),
    ).toMatchObject({
      outcome: 'invalid',
      problems: [{ code: 'version_not_raised' }],
    });
  });

  it('LA06, E1: an old account is its source and its id; an address asserted in its place is nobody', async () => {
    const person = await world.oldPerson({ email: 'victim@example.net' }, 'federated');
    const assert = (legacyId: string, source = person.source) => assertion(source, legacyId);
    for (const other of ['victim@example.net', person.login, person.id.toLowerCase(), ` ${person.id}`])
      expect(await assert(other)).toEqual({ outcome: 'mismatch' });
    expect(await assert(person.id, 'rent-portal')).toEqual({ outcome: 'mismatch' });
    expect(await asNew([proofOf(await assert(person.id))])).toMatchObject({ outcome: 'adopted' });
  });

  it('LA06, E1: one id in two sources is two old accounts: proving one is no proof of the other', async () => {
    const one = await world.oldPerson({ id: 'same-id', login: 'same-login' });
    const other = await world.oldPerson({ id: 'same-id', login: 'same-login' }, 'vouched');
    const { accountId } = await world.adopt(one);
    expect([await linksOf(one), await linksOf(other)]).toEqual([1, 0]);
    const another = await world.adopt(other);
    expect(another.accountId).not.toBe(accountId);
    expect([await linksOf(one), await linksOf(other)]).toEqual([1, 1]);
  });

  it('LA07, LA08, L12, E9: one address on every side, and in every spelling, makes nothing one', async () => {
    const first = await world.adopt(await world.oldPerson());
    const spellings = [first.email, first.email.toUpperCase(), first.email.replace('@', '@EXAMPLE.ORG.').slice(0, -11)];
    for (const email of spellings) {
      const twin = await world.oldPerson({ email, name: 'Ann Example' });
      expect(await linksOf(twin)).toBe(0);
      expect(await world.legacyRow(twin)).toMatchObject({ state: 'waiting', account_id: null });
      const proof = await world.prove(twin);
      const newAccount = { email: first.email.toUpperCase(), emailProvedAt: world.clock.now, language: 'en' };
      expect(await asNew([proof], { newAccount })).toEqual({ outcome: 'needs-choice', reason: 'address-taken' });
    }
    expect(await world.migration.links.list(first.accountId)).toHaveLength(1);
  });

  it('LA09, E6, L16: a source or an account that was switched off after the proof links nothing', async () => {
    await world.migration.sources.add(rentPortal({ source: 'closing', subjects: 'none', sectors: [] }), operator);
    const person = await world.oldPerson({}, 'closing');
    const proof = await world.prove(person);
    await world.migration.sources.suspend('closing', operator);
    expect(await asNew([proof])).toEqual({ outcome: 'refused', reason: 'source-suspended' });
    await world.migration.sources.open('closing', operator);
    await world.importText(rentCsv([{ ...person, status: 'closed' }]), { source: 'closing' });
    expect(await asNew([proof])).toEqual({ outcome: 'refused', reason: 'legacy-disabled' });
  });

  it('a person whom the source refuses is not linked, until the source says otherwise', async () => {
    const file = {
      format: 'csv',
      columns: { id: 'id', login: 'login', hash: 'hash', status: 'status' },
      statuses: { live: 'active', dead: 'refused' },
    };
    await world.migration.sources.add(rentPortal({ source: 'strict', subjects: 'none', sectors: [], file }), operator);
    const person = await world.oldPerson({ status: 'dead' }, 'strict');
    expect(await world.legacyRow(person)).toMatchObject({ state: 'refused' });
    expect(await world.check(person)).toEqual({ outcome: 'mismatch' });
    await world.importText(rentCsv([{ ...person, status: 'live' }]), { source: 'strict' });
    expect(await world.legacyRow(person)).toMatchObject({ state: 'waiting' });
    const proof = await world.prove(person);
    await world.importText(rentCsv([{ ...person, status: 'dead' }]), { source: 'strict' });
    expect(await asNew([proof])).toEqual({ outcome: 'refused', reason: 'legacy-refused' });
  });
});

describe('what a proof is good for', () => {
  it('LA10, E3, L7: it is bound to row, account, journey and browser', async () => {
    const mine = await world.adopt(await world.oldPerson());
    const theirs = await world.adopt(await world.oldPerson());
    const person = await world.oldPerson();
    const place = adding(mine.accountId);
    const proof = await world.prove(person, place);
    const elsewhere: ProofPlace[] = [
      adding(theirs.accountId),
      { ...place, journeyId: 'journey-two' },
      { ...place, browserKey: 'browser-two' },
    ];
    const bound = { outcome: 'refused', reason: 'proof-not-bound' };
    expect(await addTo(theirs.accountId, proof, adding(theirs.accountId))).toEqual(bound);
    for (const where of elsewhere.slice(1)) expect(await addTo(mine.accountId, proof, where)).toEqual(bound);
    expect(await addTo(mine.accountId, proof)).toMatchObject({ outcome: 'adopted', accountId: mine.accountId });
  });

  it('LA10: halves of two old accounts are not one whole', async () => {
    const one = await world.oldPerson({ email: 'one@example.net' }, 'two-needed');
    const two = await world.oldPerson({ email: 'two@example.net' }, 'two-needed');
    const code = await contactCode(two);
    const proofs = [await world.prove(one), proofOf(await code.answer(code.code))];
    expect(await asNew(proofs)).toEqual({ outcome: 'refused', reason: 'proof-not-bound' });
    const own = await contactCode(one);
    expect(await asNew([proofs[0]!, proofOf(await own.answer(own.code))])).toMatchObject({ outcome: 'adopted' });
  });

  it('LA11, L8: it is good once, and no unlinking makes it good again', async () => {
    const { accountId } = await world.adopt(await world.oldPerson());
    const person = await world.oldPerson();
    const early = await world.prove(person, adding(accountId));
    const proof = await world.prove(person, adding(accountId));
    const linked = await addTo(accountId, proof);
    if (linked.outcome !== 'adopted') throw new Error(JSON.stringify(linked));
    world.tick();
    await undo(accountId, linked.linkId);
    expect(await addTo(accountId, proof)).toEqual({ outcome: 'refused', reason: 'proof-used' });
    // One that was made before and never used is from before the release.
    expect(await addTo(accountId, early)).toEqual({ outcome: 'needs-proof', of: 'legacy', because: 'stale' });
    expect(await linksOf(person)).toBe(0);
  });

  it('LA12: it is 256 random bits of which the database holds a keyed hash', async () => {
    const person = await world.oldPerson();
    const proofs = [await world.prove(person), await world.prove(person)];
    expect(new Set(proofs.map((proof) => Buffer.from(proof, 'base64url').length))).toEqual(new Set([32]));
    expect(proofs[0]).not.toBe(proofs[1]);
    const [row] = await world.db.query<{ n: number }>({
      text: `SELECT count(*)::int AS n FROM legacy_proofs p WHERE p::text LIKE '%' || $1 || '%' OR proof_key = $2
             OR proof_key = sha256($2)`,
      values: [proofs[0], Buffer.from(proofs[0]!, 'base64url')],
    });
    expect(row!.n).toBe(0);
    expect(await asNew(['A'.repeat(43) as LegacyProof])).toEqual({ outcome: 'refused', reason: 'proof-invalid' });
  });

  it('LA13: made for one purpose it is refused for another', async () => {
    const { accountId } = await world.adopt(await world.oldPerson());
    const person = await world.oldPerson();
    const bound = { outcome: 'refused', reason: 'proof-not-bound' };
    expect(await addTo(accountId, await world.prove(person))).toEqual(bound);
    expect(await asNew([await world.prove(person, adding(accountId))])).toEqual(bound);
    expect(await linksOf(person)).toBe(0);
  });

  it('LA13: what is stored beside it counts as well as what it is bound to', async () => {
    const person = await world.oldPerson();
    const proof = await world.prove(person);
    await world.db.query({
      text: `UPDATE legacy_proofs SET purpose = 'add-old-account' WHERE legacy_key = $1`,
      values: [world.legacyKey(person)],
    });
    const bound = { outcome: 'refused', reason: 'proof-not-bound' };
    expect(await asNew([proof])).toEqual(bound);
    // Nor does a row that was altered make it good for the other purpose.
    expect(await asNew([proof], { purpose: 'add-old-account' })).toEqual(bound);
  });
});

describe('what was linked before', () => {
  it('LA14: is released, not fresh: no file, no address and no code path makes it waiting again', async () => {
    const person = await world.oldPerson({ email: 'old@example.net' });
    const { accountId, linkId } = await world.adopt(person);
    await undo(accountId, linkId);
    await world.importText(rentCsv([{ ...person, hash: ssha512Of('of the attacker'), name: 'Another' }]));
    expect(await world.legacyRow(person)).toMatchObject({ state: 'released' });
    expect(await world.check(person, { password: 'of the attacker' })).toEqual({ outcome: 'mismatch' });
    const reset = world.db.query({
      text: `UPDATE legacy_accounts SET state = 'waiting' WHERE legacy_key = $1`,
      values: [world.legacyKey(person)],
    });
    await expect(reset).rejects.toThrow(/legacy_accounts_fresh_once/);
    world.tick();
    expect(await world.add(person, accountId)).toMatchObject({ outcome: 'adopted' });
  });

  it('LA36: of a closed account stays taken', async () => {
    const person = await world.oldPerson();
    const { accountId } = await world.adopt(person);
    const early = await world.oldPerson();
    const proof = await world.prove(early, adding(accountId));
    await world.db.query({ text: `UPDATE accounts SET status = 'closed' WHERE account_id = $1`, values: [accountId] });
    expect(await world.check(person)).toEqual({ outcome: 'mismatch' });
    expect(world.events.at(-1)?.detail).toMatchObject({ reason: 'already-adopted' });
    expect(await addTo(accountId, proof)).toEqual({ outcome: 'refused', reason: 'account-not-active' });
  });

  it('LA32: last year’s file again touches no row that somebody has, or had', async () => {
    const kept = await world.oldPerson();
    const released = await world.oldPerson();
    await world.adopt(kept);
    const { accountId, linkId } = await world.adopt(released);
    await undo(accountId, linkId);
    const before = await Promise.all([kept, released].map(world.legacyRow));
    const file = rentCsv(
      [kept, released].map((person) => ({ ...person, hash: ssha512Of('last year'), status: 'closed' })),
    );
    expect(await world.importText(file)).toMatchObject({ kept: 2, changed: 0, created: 0 });
    expect(await Promise.all([kept, released].map(world.legacyRow))).toEqual(before);
  });
});

describe('what others have, too', () => {
  it('LA15, LA16, L11: a mailbox is half a proof: read by whoever has it now, it links nothing by itself', async () => {
    const person = await world.oldPerson({ email: 'family@example.net' }, 'mailbox-only');
    const { to, code, answer } = await contactCode(person);
    expect(to).toBe('family@example.net');
    const proof = proofOf(await answer(code));
    expect(await asNew([proof])).toEqual({ outcome: 'needs-proof', of: 'legacy', because: 'not-enough' });
    const again = await contactCode(person);
    const twice = [proof, proofOf(await again.answer(again.code))];
    expect(await asNew(twice)).toMatchObject({ outcome: 'needs-proof', because: 'not-enough' });
    expect(await linksOf(person)).toBe(0);
    // The proofs were not used up by being too few: with the password they are enough.
    expect(await asNew([proof, await world.prove(person)])).toMatchObject({ outcome: 'adopted', assurance: 'Cl' });
  });

  it('LA16: facts support and never suffice; with the mailbox they do where the policy says so', async () => {
    const person = await world.oldPerson({ email: 'ann@example.net', name: 'Ann O’Neill' }, 'mailbox-and-fact');
    expect(await fact(person, 'Bob O’Neill')).toEqual({ outcome: 'mismatch' });
    expect(await fact({ ...person, name: '' }, '')).toEqual({ outcome: 'mismatch' });
    const nameless = await world.oldPerson({ name: '' }, 'mailbox-and-fact');
    for (const nothing of ['', ' ', '–']) expect(await fact(nameless, nothing)).toEqual({ outcome: 'mismatch' });
    const supporting = proofOf(await fact(person, " ann o'neill"));
    expect(await asNew([supporting])).toMatchObject({ outcome: 'needs-proof', because: 'not-enough' });
    const { code, answer } = await contactCode(person);
    expect(await asNew([proofOf(await answer(code)), supporting])).toMatchObject({ outcome: 'adopted' });
  });

  it('LA16: no policy can make a mailbox or a fact more than that', async () => {
    for (const kind of ['contact-code', 'reference-and-fact']) {
      const policy = {
        version: 1,
        proofs: [{ kind, strength: 'full', facts: ['name'] }, 'old-password'],
        assurance: 'Cl',
      };
      expect(await world.migration.sources.add(rentPortal({ source: 'lax', policy }), operator)).toMatchObject({
        problems: [{ code: 'strength_too_high' }],
      });
    }
  });

  it('E3, B5: a code counts for the browser and the account that it was asked for in', async () => {
    const person = await world.oldPerson({ email: 'ann@example.net' }, 'mailbox-only');
    const { code, answer } = await contactCode(person);
    for (const other of [{ journeyId: 'journey-two' }, { browserKey: 'browser-two' }, { purpose: 'add-old-account' }])
      expect(await answer(code, other)).toEqual({ outcome: 'expired' });
    expect(await answer('000000' === code ? '000001' : '000000')).toEqual({ outcome: 'wrong' });
    expect(await answer(code)).toMatchObject({ outcome: 'match' });
    expect(await answer(code)).toEqual({ outcome: 'used-up' });
  });
});

describe('operators', () => {
  const vouch = (person: Person, accountId: string, name: string) =>
    world.migration.operatorRequests.vouch(
      { source: person.source, legacyId: person.id, accountId },
      { meta: { actor: `operator:${name}` }, evidence: 'Passport seen at the desk, case 7' },
    );
  const redeem = (person: Person, accountId: string, code: string) =>
    world.migration.oldAccounts.redeemCode({ source: person.source, code, ip: '192.0.2.9', ...adding(accountId) });

  it('LA17, L17, E9: two of them make a code that only the citizen they named can use, signed in', async () => {
    const { accountId } = await world.adopt(await world.oldPerson());
    const accomplice = await world.adopt(await world.oldPerson());
    const person = await world.oldPerson({}, 'vouched');
    expect(await vouch(person, accountId, 'amy')).toMatchObject({ outcome: 'requested' });
    expect(await vouch(person, accountId, 'amy')).toMatchObject({ outcome: 'refused', reason: 'same-operator' });
    // The second cannot turn what the first asked for to an account of their own.
    expect(await vouch(person, accomplice.accountId, 'bob')).toMatchObject({ outcome: 'requested' });
    const done = await vouch(person, accountId, 'bob');
    if (done.outcome !== 'vouched') throw new Error(JSON.stringify(done));
    expect(await linksOf(person)).toBe(0);
    expect(await redeem(person, accomplice.accountId, done.code)).toEqual({ outcome: 'mismatch' });
    const proof = proofOf(await redeem(person, accountId, done.code.toLowerCase()));
    expect(await redeem(person, accountId, done.code)).toEqual({ outcome: 'mismatch' });
    const stale = { proof, ...adding(accountId), meta: world.citizen, accountId, accountProvedAt: new Date(0) };
    expect(await world.migration.addOldAccount(stale)).toMatchObject({ outcome: 'needs-proof', of: 'account' });
    expect(await addTo(accountId, proof)).toMatchObject({ outcome: 'adopted' });
    expect(await world.trail(accountId)).toEqual(expect.arrayContaining(['legacy.vouched', 'legacy.adopted']));
  });

  it('LA17: the code runs out, and no old account that somebody has is vouched for', async () => {
    const { accountId } = await world.adopt(await world.oldPerson());
    const person = await world.oldPerson({}, 'vouched');
    await vouch(person, accountId, 'amy');
    const done = await vouch(person, accountId, 'bob');
    if (done.outcome !== 'vouched') throw new Error(JSON.stringify(done));
    const start = world.clock.now;
    world.tick(22 * 86_400_000);
    expect(await redeem(person, accountId, done.code)).toEqual({ outcome: 'mismatch' });
    world.clock.now = start;
    const taken = await world.oldPerson({}, 'vouched');
    await world.adopt(taken);
    expect(await vouch(taken, accountId, 'amy')).toMatchObject({ outcome: 'refused', reason: 'adopted-since' });
    expect(await vouch({ ...taken, id: 'nobody' }, accountId, 'amy')).toMatchObject({ reason: 'account-unknown' });
  });
});

describe('a service’s own attestation', () => {
  const audience = 'https://latchkey.example';
  const attest = async (
    key: CryptoKey,
    claims: Record<string, unknown>,
    header: Record<string, unknown> = {},
    issuer = 'rent-web',
  ) =>
    new SignJWT({ source: 'attested', ...claims })
      .setProtectedHeader({ alg: 'ES256', typ: 'legacy-attestation+jwt', kid: 'k1', ...header })
      .setIssuer(issuer)
      .setAudience(audience)
      .setJti(`jti-${Math.random()}-0123456789`)
      .setIssuedAt(world.clock.now)
      .setExpirationTime(new Date(world.clock.now.getTime() + 300_000))
      .sign(key);

  it('LA10, L10, E4: counts by the registered key, for this browser, once, and not for another service’s', async () => {
    const person = await world.oldPerson({}, 'attested');
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const other = await generateKeyPair('ES256');
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1' }] };
    const nonce = world.migration.oldAccounts.attestationNonce('attested', world.place());
    const check = (jwt: string, changes: Record<string, unknown> = {}) =>
      world.migration.oldAccounts.checkAttestation({
        source: 'attested',
        jwt,
        service: { clientId: 'rent-web', jwks },
        audience,
        ...world.place(),
        ...changes,
      });
    const claims = { sub: person.id, nonce };
    const good = await attest(privateKey, claims);
    const bad = [
      await attest(other.privateKey, claims),
      await attest(privateKey, { sub: person.id }),
      await attest(privateKey, { ...claims, nonce: 'another' }),
      await attest(privateKey, { ...claims, source: 'rent-portal' }),
      await attest(privateKey, { nonce }),
      await attest(privateKey, claims, { typ: 'JWT' }),
      await attest(privateKey, claims, {}, 'other-web'),
      `${good.slice(0, -4)}AAAA`,
      'nonsense',
    ];
    for (const jwt of bad) expect(await check(jwt)).toEqual({ outcome: 'mismatch' });
    expect(await check(good, { audience: 'https://another.example' })).toEqual({ outcome: 'mismatch' });
    expect(await check(good, { browserKey: 'browser-two' })).toEqual({ outcome: 'mismatch' });
    expect(await check(good, { service: { clientId: 'other-web', jwks } })).toEqual({ outcome: 'mismatch' });
    // Good in every way, of a service that the policy does not name.
    const stranger = { service: { clientId: 'other-web', jwks } };
    expect(await check(await attest(privateKey, claims, {}, 'other-web'), stranger)).toEqual({ outcome: 'mismatch' });
    const proof = proofOf(await check(good));
    expect(await check(good)).toEqual({ outcome: 'mismatch' });
    expect(await asNew([proof])).toMatchObject({ outcome: 'adopted', assurance: 'Cl.Cm' });
  });
});

describe('asking is watched', () => {
  it('LA18, K1: past its limit a name is not looked at any more, whatever way it is asked about', async () => {
    const person = await world.oldPerson({ email: 'ann@example.net' }, 'mailbox-only');
    const tries = (n: number, one: (n: number) => Promise<{ outcome: string }>) =>
      Promise.all(Array.from({ length: n }, (_, at) => one(at)));
    await tries(40, (n) => world.check(person, { password: `guess ${n}`, ip: `172.20.${n}.1` }));
    const before = world.work.oldHashes;
    const late = await tries(10, (n) => world.check(person, { password: `late ${n}`, ip: `172.21.${n}.1` }));
    expect(late.every(({ outcome }) => outcome === 'too-many')).toBe(true);
    expect(world.work.oldHashes).toBe(before);
    const mails = await tries(40, (n) =>
      world.migration.oldAccounts.sendContactCode({
        source: person.source,
        login: person.login,
        ip: `172.22.${n}.1`,
        ...world.place(),
        deliver: () => Promise.resolve(),
      }),
    );
    expect(mails.filter(({ outcome }) => outcome === 'sent')).toHaveLength(30);
    const facts = await tries(40, (n) =>
      world.migration.oldAccounts.checkReference({
        source: 'mailbox-and-fact',
        reference: 'R1',
        fact: { kind: 'name', value: `${n}` },
        ip: `172.23.${n}.1`,
        ...world.place(),
      }),
    );
    expect(facts.filter(({ outcome }) => outcome === 'too-many')).toHaveLength(10);
  });

  it('LA19, LA20: before a proof, nobody learns whether there is, was, or is no longer an account', async () => {
    const email = 'whoever.they.are@example.net';
    const waiting = await world.oldPerson({ email }, 'mailbox-only');
    const adopted = await world.oldPerson({ email }, 'mailbox-only');
    await world.adopt(adopted);
    const released = await world.oldPerson({ email }, 'mailbox-only');
    const link = await world.adopt(released);
    await undo(link.accountId, link.linkId);
    const closed = await world.oldPerson({ email, status: 'closed' }, 'mailbox-only');
    const unknown = { ...waiting, id: 'nobody', login: 'nobody-at-all' };
    const everybody = [waiting, adopted, released, closed, unknown];
    const answers = [];
    for (const person of everybody) answers.push(await world.check(person, { password: 'wrong' }));
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(new Set(['{"outcome":"mismatch"}']));
    for (const person of [adopted, closed, unknown]) {
      const before = world.work.oldHashes;
      await world.check(person);
      expect(world.work.oldHashes - before).toBe(1);
    }
    // A code is made and "sent" for everybody alike; only where there is somebody does it have an address.
    const sent = [];
    for (const person of everybody) sent.push((await contactCode(person)).to !== undefined);
    expect(sent).toEqual([true, false, true, false, false]);
    const guess = await contactCode(unknown);
    expect(await guess.answer(guess.code)).toEqual({ outcome: 'mismatch' });
  });

  it('LA21: a password of more than 1,024 bytes costs nothing', async () => {
    const person = await world.oldPerson();
    const before = world.work.oldHashes;
    for (const password of ['x'.repeat(1025), '€'.repeat(400), 'x'.repeat(1_000_000)])
      expect(await world.check(person, { password })).toEqual({ outcome: 'mismatch' });
    expect(world.work.oldHashes).toBe(before);
  });
});

it('LA31, E8: what a poisoned file holds is rejected or shown to somebody, and proves nothing', async () => {
  await world.migration.sources.add(rentPortal({ source: 'poisoned', subjects: 'none', sectors: [] }), operator);
  const outcome = await world.importText(
    rentCsv([
      { id: 'F1', name: '=HYPERLINK("http://evil")' },
      { id: 'F2', email: 'аnn@example.org' },
      { id: 'F3', name: 'x'.repeat(5000) },
      { id: 'F4', login: 'a\u202eb' },
      { id: 'F5' },
      { id: 'F5' },
    ]),
    { source: 'poisoned' },
  );
  expect(outcome).toMatchObject({
    read: 6,
    created: 3,
    rejected: 3,
    rejections: { name_too_long: 1, control_character: 1, duplicate_id: 1 },
    notes: { formula_like: 1, email_mixed_scripts: 1 },
  });
  const [row] = await world.db.query<{ n: number }>({
    text: `SELECT count(*)::int AS n FROM identities i JOIN accounts a USING (account_id)
           WHERE a.account_id IN (SELECT account_id FROM legacy_accounts WHERE source = 'poisoned')`,
  });
  expect(row!.n).toBe(0);
});

it('LA33, A13, E6, L16: a link is worth what was proved, not what its policy would grant', async () => {
  const policy = { version: 1, proofs: ['old-password', 'redirect-assertion'], assurance: 'Cl.Cm' };
  await world.migration.sources.add(rentPortal({ source: 'mixed', subjects: 'none', sectors: [], policy }), operator);
  const { accountId } = await world.adopt(await world.oldPerson({}, 'mixed'));
  expect(await world.migration.links.list(accountId)).toMatchObject([{ assurance: 'Cl' }]);
});

describe('LA35: at one moment', () => {
  const times = <T>(n: number, one: (n: number) => Promise<T>) =>
    Promise.all(Array.from({ length: n }, (_, at) => one(at)));
  const countOf = (results: { outcome: string }[], outcome: string) =>
    results.filter((result) => result.outcome === outcome).length;

  it('LA35, L8: twenty uses of one proof make one link', async () => {
    const { accountId } = await world.adopt(await world.oldPerson());
    const person = await world.oldPerson();
    const proof = await world.prove(person, adding(accountId));
    const results = await times(20, () => addTo(accountId, proof));
    expect(countOf(results, 'adopted')).toBe(1);
    expect(await linksOf(person)).toBe(1);
  });

  it('LA35, L13: of ten people with a proof of one released account one gets it', async () => {
    const person = await world.oldPerson();
    const first = await world.adopt(person);
    await undo(first.accountId, first.linkId);
    world.tick();
    const racers = await times(10, async () => world.adopt(await world.oldPerson()));
    const proofs = await times(10, (n) => world.prove(person, adding(racers[n]!.accountId, `r${n}`)));
    const results = await times(10, (n) =>
      addTo(racers[n]!.accountId, proofs[n]!, adding(racers[n]!.accountId, `r${n}`)),
    );
    expect(countOf(results, 'adopted')).toBe(1);
    expect(await linksOf(person)).toBe(1);
    const winner = results.findIndex(({ outcome }) => outcome === 'adopted');
    expect(await world.accounts.subjects.find(racers[winner]!.accountId, 'rent.example')).toBeDefined();
  });

  it('LA35: five old accounts added, and undone, at once raise the version five times each, and none is lost', async () => {
    const { accountId } = await world.adopt(await world.oldPerson());
    const people = await times(5, () => world.oldPerson());
    const proofs = await times(5, (n) => world.prove(people[n]!, adding(accountId)));
    const before = (await world.accounts.read(accountId))!.version;
    const results = await times(5, (n) => addTo(accountId, proofs[n]!));
    expect(countOf(results, 'adopted')).toBe(5);
    expect((await world.accounts.read(accountId))!.version).toBe(before + 5);
    const links = await world.migration.links.list(accountId);
    const undone = await times(10, (n) => undo(accountId, links[1 + (n % 5)]!.linkId));
    expect(countOf(undone, 'undone')).toBe(5);
    expect((await world.accounts.read(accountId))!.version).toBe(before + 10);
    expect(await world.migration.links.list(accountId)).toHaveLength(1);
  });

  it('LA35: an account that is suspended while it adds has the link or has not, and never in between', async () => {
    const { accountId } = await world.adopt(await world.oldPerson());
    const person = await world.oldPerson();
    const proof = await world.prove(person, adding(accountId));
    const suspend = world.db.query({
      text: `UPDATE accounts SET status = 'suspended', version = version + 1 WHERE account_id = $1`,
      values: [accountId],
    });
    const [result] = await Promise.all([addTo(accountId, proof), suspend]);
    const expected = result.outcome === 'adopted' ? 1 : 0;
    expect(await linksOf(person)).toBe(expected);
    expect(expected === 1 || (result.outcome === 'refused' && result.reason === 'account-not-active')).toBe(true);
  });
});
