import { type Static, type TNull, type TSchema, type TUnion, Type } from 'typebox';
import type { ApiRoute, OperatorCall, OperatorScope, ParamsOf } from '../access/operator-scope.ts';

/** A route of the API that answers with JSON of a known shape. */
interface JsonRoute<
  Path extends string,
  Query extends TSchema,
  Body extends TSchema,
  Answer extends TSchema,
> extends Omit<ApiRoute<Path, Query, Body>, 'answer'> {
  /** One line for the OpenAPI document. */
  readonly summary: string;
  readonly response: Answer;
  /** 200 when left out. */
  readonly statusOf?: (answer: Static<Answer>) => number;
  readonly answer: (call: OperatorCall<ParamsOf<Path>, Static<Query>, Static<Body>>) => Promise<Static<Answer>>;
}

/** A route that answers with a file. */
interface FileRoute<Path extends string, Query extends TSchema> extends Omit<ApiRoute<Path, Query, TSchema>, 'body'> {
  readonly summary: string;
  readonly produces: string;
}

export interface ApiDescription {
  readonly method: string;
  readonly path: string;
  readonly needs: string;
  readonly summary: string;
  readonly status: number;
  readonly produces: string;
  readonly query: TSchema | undefined;
  readonly body: TSchema | undefined;
  readonly consumes: string;
  readonly response: TSchema | undefined;
}

/** Adds routes of the API to the scope, and remembers what they take and answer. */
export interface DescribedApi {
  json<Path extends string, Query extends TSchema, Body extends TSchema, Answer extends TSchema>(
    route: JsonRoute<Path, Query, Body, Answer>,
  ): void;
  file<Path extends string, Query extends TSchema>(route: FileRoute<Path, Query>): void;
  /** Described here, added by somebody else. */
  note(description: ApiDescription): void;
  readonly descriptions: readonly ApiDescription[];
}

const JSON_TYPE = 'application/json';

export function describeApi(scope: OperatorScope): DescribedApi {
  const descriptions: ApiDescription[] = [];
  const describe = (route: Pick<ApiDescription, 'method' | 'path' | 'needs' | 'summary'>): ApiDescription => ({
    method: route.method,
    path: route.path,
    needs: route.needs,
    summary: route.summary,
    status: 200,
    produces: JSON_TYPE,
    consumes: JSON_TYPE,
    query: undefined,
    body: undefined,
    response: undefined,
  });
  return {
    descriptions,
    json({ summary, response, statusOf = () => 200, ...route }) {
      const { query, body } = route;
      descriptions.push({ ...describe({ ...route, summary }), query, body, response });
      scope.api({
        ...route,
        answer: async (call) => {
          const answer = await route.answer(call);
          return call.reply.code(statusOf(answer)).send(answer);
        },
      });
    },
    file({ summary, produces, ...route }) {
      descriptions.push({ ...describe({ ...route, summary }), query: route.query, produces });
      scope.api(route);
    },
    note: (description) => void descriptions.push(description),
  };
}

/** Times in answers: `2026-11-30T20:00:00.000Z`. */
export const Time = Type.String({ format: 'date-time' });
export const orNull = <Schema extends TSchema>(schema: Schema): TUnion<[Schema, TNull]> =>
  Type.Union([schema, Type.Null()]);
