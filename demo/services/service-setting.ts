import type { ClientAuth } from 'openid-client';
import type { Html } from './html.ts';

/** What a demo service is: its words, its looks, and what it is registered with. */
export interface DemoService {
  readonly clientId: string;
  readonly department: { readonly departmentId: string; readonly name: { readonly en: string; readonly cy: string } };
  readonly name: { readonly en: string; readonly cy: string };
  /** Services of one sector know a person by the same id. */
  readonly sector: string;
  readonly authMethod: 'private_key_jwt' | 'client_secret_post';
  readonly idTokenAlg: 'ES256' | 'RS256';
  readonly scopes: readonly ('openid' | 'email' | 'profile')[];
  /** Old account systems whose accounts may be brought along here. */
  readonly sources: readonly string[];
  readonly look: DemoLook;
}

export interface DemoLook {
  /** Custom properties and whatever else makes it a department of its own. */
  readonly css: string;
  readonly logo: string;
  /** Made anew for each visit where it changes. */
  readonly intro: Html | (() => Promise<Html>);
  /** Stands there for who is signed in, too. */
  readonly staysInSight?: boolean;
  /** What a signed-in person sees first: what the service is for. */
  readonly desk: (sub: string) => Html;
}

/** A demo service that runs. */
export interface RunningService {
  readonly service: DemoService;
  /** Its own address, without a slash at the end. */
  readonly origin: string;
  /** Where it finds Latchkey and how it proves itself; given once both are known. */
  connect(latchkey: Latchkey): void;
  close(): Promise<void>;
}

export interface Latchkey {
  readonly issuer: string;
  readonly clientAuth: ClientAuth;
  /** Other pages of the demo, for the links at the end of each page. */
  readonly elsewhere: readonly { readonly label: string; readonly href: string }[];
}
