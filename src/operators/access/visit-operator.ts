import type { FastifyReply, FastifyRequest } from 'fastify';
import { formToken } from '../../platform/http/form-token.ts';
import type { AccessDeps } from './access-deps.ts';
import { isWithin, sectionsFor } from './navigation.ts';
import type { OperatorVisit, ParamsOf } from './operator-scope.ts';
import type { SignedInOperator } from './operator.ts';

export const tokenBinding = ({ operatorId, sessionKey }: SignedInOperator): readonly string[] => [
  'operator',
  operatorId,
  sessionKey.toString('hex'),
];

interface Arrival {
  readonly operator: SignedInOperator;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Every page there is, for the navigation. */
  readonly pages: ReadonlySet<string>;
}

export function visitOf<Path extends string>(deps: AccessDeps, arrival: Arrival): OperatorVisit<ParamsOf<Path>> {
  const { operator, request, reply, pages } = arrival;
  const [page = ''] = request.url.split('?');
  const sections = sectionsFor(operator, pages);
  return {
    operator,
    request,
    reply,
    params: paramsOf<Path>(request),
    query: queryOf(request),
    language: request.language(),
    sections,
    show: (template, data, options) =>
      reply.page(
        template,
        {
          ...data,
          operator: { handle: operator.handle, may: [...operator.permissions] },
          navigation: sections.map((section) => ({
            name: section.name,
            href: section.path,
            isCurrent: section.path === page,
            isActive: isWithin(section, page),
          })),
          formToken: formToken(deps.keyRing, ...tokenBinding(operator)),
        },
        options,
      ),
  };
}

/** The router gives exactly the names that the path has. */
export function paramsOf<Path extends string>({ params }: FastifyRequest): ParamsOf<Path> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the path is the schema
  return params as ParamsOf<Path>;
}

export function queryOf({ query }: FastifyRequest): Readonly<Record<string, string | undefined>> {
  if (typeof query !== 'object' || query === null) return {};
  return Object.fromEntries(Object.entries(query).filter(([, value]) => typeof value === 'string'));
}
