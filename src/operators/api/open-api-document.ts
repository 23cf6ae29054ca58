import { type TSchema, Type } from 'typebox';
import type { ApiDescription } from './describe-api.ts';

const PROBLEM = {
  type: 'object',
  description: 'RFC 9457. `code` is stable; `reference` is the id of the request in the log.',
  required: ['type', 'title', 'status', 'code', 'reference'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string' },
    reference: { type: 'string' },
  },
};

/** OpenAPI 3.1, whose schemas are JSON Schema as they stand: those that bodies are judged by and answers are typed by. */
export function openApiDocument(issuer: string, descriptions: readonly ApiDescription[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const one of descriptions) {
    const path = one.path.replaceAll(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[one.method.toLowerCase()] = operationOf(one);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Latchkey for operators',
      version: '1',
      description: 'Changes take a token of an operator; reading takes that or the session of a browser.',
    },
    servers: [{ url: issuer }],
    security: [{ token: [] }],
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: PROBLEM },
    },
    paths,
  };
}

function operationOf({
  path,
  needs,
  summary,
  status,
  produces,
  consumes,
  query,
  body,
  response,
}: ApiDescription): object {
  const content = { [produces]: { schema: response ?? { type: 'string' } } };
  return {
    summary,
    description: `Needs the permission \`${needs}\`.`,
    parameters: [...pathParameters(path), ...queryParameters(query)],
    ...(body && { requestBody: { required: true, content: { [consumes]: { schema: body } } } }),
    responses: {
      [status]: { description: 'Done', content },
      default: {
        description: 'Refused or failed',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

const pathParameters = (path: string): object[] =>
  [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));

function queryParameters(query: TSchema | undefined): object[] {
  if (query === undefined || !Type.IsObject(query)) return [];
  const required: readonly string[] = query.required ?? [];
  return Object.entries(query.properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}
