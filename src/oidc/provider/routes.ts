/** The protocol's paths, as One Login names them. Every one of them is mounted in `mount.ts`. */
export const ROUTES = {
  authorization: '/authorize',
  pushed_authorization_request: '/par',
  token: '/token',
  userinfo: '/userinfo',
  introspection: '/introspect',
  revocation: '/revoke',
  end_session: '/logout',
  jwks: '/.well-known/jwks.json',
} as const;
