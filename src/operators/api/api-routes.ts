import type { Config } from '../../platform/config/config-schema.ts';
import type { OperatorRoutes } from '../access/operator-scope.ts';
import type { InsightDeps } from '../insight/insight-deps.ts';
import { addSystemsApi } from '../insight/systems/systems-api.ts';
import { addFilesApi } from '../migration-desk/api/add-files-api.ts';
import { addRowsApi } from '../migration-desk/api/add-rows-api.ts';
import { addRunsApi } from '../migration-desk/api/add-runs-api.ts';
import type { DeskDeps } from '../migration-desk/desk-deps.ts';
import { addSidesApi } from '../side-by-side/api/add-sides-api.ts';
import type { SidesDeps } from '../side-by-side/sides-deps.ts';
import { describeApi } from './describe-api.ts';
import { openApiDocument } from './open-api-document.ts';

export type ApiDeps = InsightDeps & DeskDeps & SidesDeps & { readonly config: Pick<Config, 'issuer'> };

/** The same for programs, and what it takes and answers. */
export const apiRoutes =
  (deps: ApiDeps): OperatorRoutes =>
  (scope) => {
    const api = describeApi(scope);
    addSystemsApi(api, deps);
    addSidesApi(api, deps);
    addRunsApi(api, deps);
    addRowsApi(api, deps);
    addFilesApi(api, scope, deps);
    const document = openApiDocument(deps.config.issuer, api.descriptions);
    scope.api({
      method: 'GET',
      path: '/operators/api/openapi.json',
      needs: 'systems.see',
      answer: async () => document,
    });
  };
