import { expect, it } from 'vitest';
import { createMetrics } from './create-metrics.ts';

it('counts requests in cumulative buckets, beside the other metrics, each name once', async () => {
  const metrics = createMetrics();
  for (const seconds of [0.001, 0.002, 0.02, 9])
    metrics.request({ method: 'GET', route: '/a"b', status: 200, seconds });
  metrics.signIn('password');
  metrics.storeCommand('redis', 'GET');
  metrics.storeCommand('redis', 'GET');
  const text = await metrics.text();
  const name = 'latchkey_http_request_duration_seconds';
  const labels = 'method="GET",route="/a\\"b",status="200"';
  for (const line of [
    `${name}_bucket{${labels},le="0.002"} 2`,
    `${name}_bucket{${labels},le="0.025"} 3`,
    `${name}_bucket{${labels},le="5"} 3`,
    `${name}_bucket{${labels},le="+Inf"} 4`,
    `${name}_count{${labels}} 4`,
    'latchkey_store_commands_total{store="redis",command="GET"} 2',
    'latchkey_sign_ins_total{outcome="password"} 1',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
  expect(text).toMatch(/_sum\{[^}]*\} 9\.0229\d*\n|_sum\{[^}]*\} 9\.023\n/);
});
