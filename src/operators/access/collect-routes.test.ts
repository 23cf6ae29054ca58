import { expect, it } from 'vitest';
import { testConfig } from '../../../test/support/config.ts';
import { createKeyRing } from '../../platform/crypto/key-ring.ts';
import { collectRoutes } from './collect-routes.ts';
import type { OperatorRoutes } from './operator-scope.ts';

const config = testConfig();
const nothing = () => Promise.reject(new Error('not in this test'));
const deps = {
  config,
  db: { query: nothing, transaction: nothing, close: nothing } as never,
  keyRing: createKeyRing(config.secrets),
  auditBatch: { record: () => undefined },
  now: () => new Date(),
};
const show = () => Promise.resolve('shown');

it('keeps a table of what each route needs', () => {
  const room: OperatorRoutes = (scope) => {
    scope.page({ path: '/operators/runs', needs: 'runs.see', show });
    scope.api({ method: 'DELETE', path: '/operators/api/runs/:id', needs: 'runs.undo', answer: show });
  };
  expect(collectRoutes(deps, [room]).table).toEqual([
    { method: 'GET', path: '/operators/runs', needs: 'runs.see' },
    { method: 'DELETE', path: '/operators/api/runs/:id', needs: 'runs.undo' },
  ]);
});

it('refuses a route that would stand outside the door, or on its other side', () => {
  for (const path of ['/account', '/operatorsx', '/operators/api/runs'])
    expect(() => collectRoutes(deps, [(scope) => scope.page({ path, needs: 'runs.see', show })])).toThrow(/no place/);
  for (const path of ['/api/runs', '/operators/runs'])
    expect(() =>
      collectRoutes(deps, [(scope) => scope.api({ method: 'GET', path, needs: 'runs.see', answer: show })]),
    ).toThrow(/no place/);
});
