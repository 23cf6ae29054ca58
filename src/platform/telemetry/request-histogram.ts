/** What one request was, for the counters. `route` is the pattern of the route, never the address. */
export interface RequestMeasure {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

export interface RequestHistogram {
  observe(measure: RequestMeasure): void;
  /** In Prometheus's text format, ending with a line break. */
  text(): string;
}

interface Series {
  readonly labels: string;
  readonly counts: number[];
  sum: number;
  count: number;
}

const NAME = 'latchkey_http_request_duration_seconds';
const HELP = 'Time from the start of a request to the end of its answer';
const BOUNDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] as const;

/**
 * Ours rather than prom-client's Histogram, which takes 9 µs an observation for hashing the labels (measured): every
 * silent sign-in would pay it twice.
 */
export function createRequestHistogram(): RequestHistogram {
  const series = new Map<string, Series>();
  return {
    observe({ method, route, status, seconds }) {
      const key = `${status} ${method} ${route}`;
      let one = series.get(key);
      if (one === undefined) {
        const labels = `method="${escapeLabel(method)}",route="${escapeLabel(route)}",status="${status}"`;
        one = { labels, counts: BOUNDS.map(() => 0), sum: 0, count: 0 };
        series.set(key, one);
      }
      const bucket = BOUNDS.findIndex((bound) => seconds <= bound);
      if (bucket !== -1) one.counts[bucket] = (one.counts[bucket] ?? 0) + 1;
      one.sum += seconds;
      one.count += 1;
    },
    text: () => `# HELP ${NAME} ${HELP}\n# TYPE ${NAME} histogram\n${[...series.values()].map(seriesText).join('')}`,
  };
}

/** Buckets are kept apart and written cumulative. */
function seriesText({ labels, counts, sum, count }: Series): string {
  let below = 0;
  const buckets = BOUNDS.map((bound, index) => {
    below += counts[index] ?? 0;
    return `${NAME}_bucket{${labels},le="${bound}"} ${below}\n`;
  });
  return `${buckets.join('')}${NAME}_bucket{${labels},le="+Inf"} ${count}\n${NAME}_sum{${labels}} ${sum}\n${NAME}_count{${labels}} ${count}\n`;
}

function escapeLabel(value: string): string {
  return value.replaceAll(/["\\\n]/g, (character) => (character === '\n' ? String.raw`\n` : `\\${character}`));
}
