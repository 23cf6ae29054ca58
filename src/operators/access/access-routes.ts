import { Type } from 'typebox';
import type { AccessDeps } from './access-deps.ts';
import type { OperatorRoutes } from './operator-scope.ts';
import { signOut } from './sign-out.ts';

const NoFields = Type.Object({}, { additionalProperties: false });

/** The room of who staff are. */
export const accessRoutes =
  (deps: AccessDeps): OperatorRoutes =>
  (scope) => {
    scope.page({
      path: '/operators',
      needs: 'signed-in',
      show: async ({ sections, reply }) => reply.redirect(sections[0]?.path ?? '/operators/passkeys', 303),
    });
    scope.act({
      path: '/operators/sign-out',
      needs: 'signed-in',
      fields: NoFields,
      take: (visit) => signOut(deps, visit),
    });
  };
