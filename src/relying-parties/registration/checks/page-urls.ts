import { type Check } from './check.ts';
import { judgeUrl } from './judge-url.ts';

/** Pages that a citizen's browser opens. */
export const checkPageUrls: Check = (draft, { environment }) =>
  (['policyUrl', 'termsUrl', 'homeUrl'] as const).flatMap((field) => {
    const url = draft[field];
    return url === undefined
      ? []
      : judgeUrl(field, url, { loopbackHttp: environment !== 'production', publicHost: false });
  });
