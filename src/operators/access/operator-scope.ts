import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static, TSchema } from 'typebox';
import type { PageOptions } from '../../platform/http/page-replies.ts';
import type { PageData } from '../../platform/pages/create-pages.ts';
import type { Language } from '../../platform/pages/translations.ts';
import type { Section } from './navigation.ts';
import type { Operator, SignedInOperator } from './operator.ts';
import type { Needs, Permission } from './permissions.ts';

/** `{ id: string }` of `/operators/runs/:id`. */
export type ParamsOf<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? { readonly [Key in Name]: string } & ParamsOf<Rest>
  : Path extends `${string}:${infer Name}`
    ? { readonly [Key in Name]: string }
    : unknown;

/** An operator who may do what the route needs, at one of our pages. */
export interface OperatorVisit<Params = unknown> {
  readonly operator: SignedInOperator;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly params: Params;
  /** Each given once, as it came. */
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly language: Language;
  /** The parts of the door that this operator may see, as in the navigation. */
  readonly sections: readonly Section[];
  /** Sends a page that extends `operators/layout.njk`: with the navigation, `operator`, `formToken`. */
  show(template: string, data?: PageData, options?: PageOptions): FastifyReply;
}

export interface OperatorCall<Params, Query, Body> {
  readonly operator: Operator;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
}

export interface PageRoute<Path extends string> {
  /** Under `/operators/`, never `/operators/api/`. */
  readonly path: Path;
  readonly needs: Needs;
  readonly show: (visit: OperatorVisit<ParamsOf<Path>>) => Promise<unknown>;
}

export interface ActRoute<Path extends string, Fields extends TSchema> {
  readonly path: Path;
  readonly needs: Needs;
  /** Of the form, without its token. A form of another shape is refused: what people may get wrong is text here. */
  readonly fields: Fields;
  readonly take: (visit: OperatorVisit<ParamsOf<Path>>, fields: Static<Fields>) => Promise<unknown>;
}

export interface ApiRoute<Path extends string, Query extends TSchema, Body extends TSchema> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Under `/operators/api/`. */
  readonly path: Path;
  readonly needs: Permission;
  /** Nothing when left out. */
  readonly query?: Query;
  /** JSON; nothing when left out. */
  readonly body?: Body;
  readonly answer: (call: OperatorCall<ParamsOf<Path>, Static<Query>, Static<Body>>) => Promise<unknown>;
}

/** A file of a form, as it comes: whoever takes it reads it to its end before the next one is asked for. */
export interface SentFile {
  /** As the browser says: not to be trusted. */
  readonly name: string;
  readonly stream: Readable;
}

/** A form with files (`multipart/form-data`), of any size. Its first field is the form's token, then come the files. */
export interface FileForm<Path extends string> {
  readonly path: Path;
  readonly needs: Needs;
  readonly take: (visit: OperatorVisit<ParamsOf<Path>>, files: AsyncIterable<SentFile>) => Promise<unknown>;
}

/** A `PUT` of the API whose body is a file of any size. */
export interface FileRoute<Path extends string> {
  readonly path: Path;
  readonly needs: Permission;
  readonly take: (
    call: Pick<OperatorCall<ParamsOf<Path>, unknown, unknown>, 'operator' | 'request' | 'reply' | 'params'> & {
      readonly stream: Readable;
    },
  ) => Promise<unknown>;
}

/**
 * Where the rooms of the staff's door add their routes. Each says what it needs; nothing is reached without it. Pages send
 * who is not signed in to sign in, and back; forms carry their token and change something; a GET never does. The API
 * takes a bearer token; a GET of it also the browser's session, so that pages can offer their numbers for download.
 */
export interface OperatorScope {
  page<Path extends string>(route: PageRoute<Path>): void;
  /** A form's POST. */
  act<Path extends string, Fields extends TSchema>(route: ActRoute<Path, Fields>): void;
  api<Path extends string, Query extends TSchema, Body extends TSchema>(route: ApiRoute<Path, Query, Body>): void;
  fileForm<Path extends string>(route: FileForm<Path>): void;
  filePut<Path extends string>(route: FileRoute<Path>): void;
}

/** The routes of one room. */
export type OperatorRoutes = (scope: OperatorScope) => void;

/** One line of the route table, for those who check it. */
export interface NeedOfRoute {
  readonly method: string;
  readonly path: string;
  readonly needs: Needs;
}
