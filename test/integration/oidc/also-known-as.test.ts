import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { protocolApp, type ProtocolApp } from '../../support/protocol-app.ts';
import { Browser, signIn } from '../../support/raw-client.ts';

let app: ProtocolApp;
beforeAll(async () => {
  app = await protocolApp();
});
afterAll(() => app.close());

it('E11: after a merge a sector that knew both is told the other sub, and no other sector is', async () => {
  const { accounts, db, relyingParties } = app.app.house;
  const clientId = app.clients.jwt.clientId;
  const service = await relyingParties.find(clientId);
  if (!service) throw new Error('no service');
  await relyingParties.submit(
    {
      clientId,
      department: { departmentId: service.departmentId, name: { en: 'Department of Tests' } },
      metadata: { ...service.metadata, claims: ['email', 'also_known_as'] },
    },
    { actor: 'operator:test' },
  );
  const known = decodeJwt((await signIn(app, new Browser(app.issuer), app.clients.jwt)).body['id_token'] ?? '').sub;

  const made = await db.transaction((tx) =>
    accounts.create(tx, { email: 'second@example.org', language: 'en', password: undefined }, { actor: 'citizen' }),
  );
  const other = await db.transaction((tx) =>
    accounts.subjects.ensure(tx, { accountId: made.accountId, sector: service.metadata.sector }),
  );
  const place = { journeyId: randomUUID(), browserKey: 'browser' };
  const prove = (accountId: string) =>
    db.transaction((tx) => accounts.merging.prove(tx, { ...place, accountId, method: 'password', level: 'Cl' }));
  const proofs = { survivor: await prove(app.accountId), absorbed: await prove(made.accountId) };
  if (!proofs.survivor || !proofs.absorbed) throw new Error('not proved');
  const { survivor, absorbed } = proofs;
  const merged = await db.transaction((tx) =>
    accounts.merging.merge(tx, {
      ...place,
      survivor: app.accountId,
      absorbed: made.accountId,
      proofs: { survivor, absorbed },
      policyVersion: 1,
      meta: { actor: 'citizen' },
    }),
  );
  expect(merged.outcome).toBe('merged');

  const claims = JSON.stringify({ id_token: { also_known_as: null } });
  const token = await signIn(app, new Browser(app.issuer), app.clients.jwt, { claims });
  expect(decodeJwt(token.body['id_token'] ?? '')).toMatchObject({ sub: known, also_known_as: [other] });
  const elsewhere = await signIn(app, new Browser(app.issuer), app.clients.secret, { claims });
  expect(decodeJwt(elsewhere.body['id_token'] ?? '')['also_known_as']).toBeUndefined();
});
