/**
 * The services' door: OpenID Connect, on the `oidc-provider` library, which nothing else imports.
 *
 * It owns sessions, grants, protocol artefacts and signing keys. It does not own accounts (who somebody is), services
 * (who may ask) or pages (how a citizen proves who they are): it asks the faces of the first two, and hands the citizen
 * over to the third through `InteractionPort`. A request passes `provider/mount` (raw, after the common hooks) → the
 * library → `storage/adapter`, which reads what one request needs in as few round trips as it can and makes one-time
 * things one-time. What ends a session, a grant or a key is decided in Postgres first.
 */
// oxlint-disable-next-line import/no-unassigned-import -- it is loaded for what it does
import './provider/load-library.ts';
import type { PagesFolder } from '../platform/pages/translations.ts';

export { createOidc, type InteractionPort, type Oidc, type OidcDeps } from './create-oidc.ts';
export { createTellOfSubjects } from './signals/subject-event.ts';
export { rotateSigningKeys, type RotationOutcome } from './signing-keys/rotate-keys.ts';
export { listSigningKeys, type KeyState, type SigningKey } from './signing-keys/signing-keys.ts';

export const oidcPages: PagesFolder = { name: 'oidc', directory: import.meta.dirname };
