import { type Check } from './check.ts';
import { judgeUrl } from './judge-url.ts';

/** Addresses that our own servers call: a first gate against server-side request forgery (D17, X15). */
export const checkOutboundUrls: Check = (draft, { environment }) =>
  (['backchannelLogoutUri', 'eventsUri', 'jwksUri', 'logoUrl'] as const).flatMap((field) => {
    const url = draft[field];
    return url === undefined
      ? []
      : judgeUrl(field, url, { loopbackHttp: environment !== 'production', publicHost: true });
  });
