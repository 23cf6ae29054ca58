import type { FetchLogo, Logo } from './fetch-logo.ts';

const KEEP_MS = 3_600_000;
/** One that could not be had is not asked for by every page. */
const KEEP_NONE_MS = 300_000;
const MOST_LOGOS = 500;

interface Kept {
  readonly logo: Promise<Logo | undefined>;
  until: number;
}

/** Remembers pictures by their address; many who want one at once share one fetch. */
export function keepLogos(fetchLogo: FetchLogo, now: () => Date): FetchLogo {
  const kept = new Map<string, Kept>();
  return (url) => {
    const known = kept.get(url);
    if (known && now().getTime() < known.until) return known.logo;
    const entry: Kept = { logo: fetchLogo(url), until: now().getTime() + KEEP_NONE_MS };
    kept.delete(url);
    kept.set(url, entry);
    const [oldest] = kept.keys();
    if (kept.size > MOST_LOGOS && oldest !== undefined) kept.delete(oldest);
    return extendWhenFound(entry, now);
  };
}

async function extendWhenFound(entry: Kept, now: () => Date): Promise<Logo | undefined> {
  const logo = await entry.logo;
  if (logo) entry.until = now().getTime() + KEEP_MS;
  return logo;
}
