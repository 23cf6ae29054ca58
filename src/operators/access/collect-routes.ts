import type { FastifyInstance } from 'fastify';
import { openPagesScope } from '../../platform/http/open-pages-scope.ts';
import type { AccessDeps } from './access-deps.ts';
import { addApiRoute, openApiScope } from './guard-api.ts';
import { addFileForm, addFileRoute, openFilesScope, openStreamsScope } from './guard-files.ts';
import { addAct, addPage, type PagesPlace } from './guard-pages.ts';
import type { NeedOfRoute, OperatorRoutes, OperatorScope } from './operator-scope.ts';

export interface CollectedRoutes {
  /** What each route needs: the table that the tests of access go through. */
  readonly table: readonly NeedOfRoute[];
  /** `addOpen` adds the few pages that stand before the guard: signing in, and taking up an invitation. */
  register(app: FastifyInstance, addOpen: (pages: FastifyInstance) => void): Promise<void>;
}

/** Asks every room for its routes. Nothing is added to the application but behind the guard. */
export function collectRoutes(deps: AccessDeps, rooms: readonly OperatorRoutes[]): CollectedRoutes {
  const table: NeedOfRoute[] = [];
  const pages = new Set<string>();
  const onPages: ((place: PagesPlace) => void)[] = [];
  const onFileForms: ((place: PagesPlace) => void)[] = [];
  const onApi: ((app: FastifyInstance) => void)[] = [];
  const onStreams: ((app: FastifyInstance) => void)[] = [];
  const scope: OperatorScope = {
    page(route) {
      assertPlace(route.path, false);
      table.push({ method: 'GET', path: route.path, needs: route.needs });
      pages.add(route.path);
      onPages.push((place) => addPage(place, route));
    },
    act(route) {
      assertPlace(route.path, false);
      table.push({ method: 'POST', path: route.path, needs: route.needs });
      onPages.push((place) => addAct(place, route));
    },
    api(route) {
      assertPlace(route.path, true);
      table.push({ method: route.method, path: route.path, needs: route.needs });
      onApi.push((app) => addApiRoute(app, deps, route));
    },
    fileForm(route) {
      assertPlace(route.path, false);
      table.push({ method: 'POST', path: route.path, needs: route.needs });
      onFileForms.push((place) => addFileForm(place, route));
    },
    filePut(route) {
      assertPlace(route.path, true);
      table.push({ method: 'PUT', path: route.path, needs: route.needs });
      onStreams.push((app) => addFileRoute(app, deps, route));
    },
  };
  for (const addRoutes of rooms) addRoutes(scope);
  return {
    table,
    async register(app, addOpen) {
      await app.register(async (inner) => {
        openPagesScope(inner, deps.config);
        addOpen(inner);
        for (const add of onPages) add({ app: inner, deps, pages });
        await inner.register(async (files) => {
          await openFilesScope(files);
          for (const add of onFileForms) add({ app: files, deps, pages });
        });
      });
      await app.register(async (inner) => {
        openApiScope(inner);
        for (const add of onApi) add(inner);
        await inner.register(async (streams) => {
          openStreamsScope(streams);
          for (const add of onStreams) add(streams);
        });
      });
    },
  };
}

function assertPlace(path: string, isApi: boolean): void {
  const isBelow = path === '/operators' || path.startsWith('/operators/');
  if (!isBelow || path.startsWith('/operators/api/') !== isApi) throw new Error(`no place for a route: ${path}`);
}
