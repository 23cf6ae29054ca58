import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type House, openHouse } from '../../src/house.ts';
import { testConfig } from '../support/config.ts';
import { testDatabase } from '../support/postgres.ts';
import { reserveTry, settleTry, type ThrottleVerdict } from '../../src/journeys/passwords/password-throttle.ts';

let house: House;
let drop: () => Promise<void>;
beforeAll(async () => {
  const database = await testDatabase();
  drop = database.drop;
  const onError = (error: unknown): void => {
    throw error;
  };
  house = openHouse({ config: testConfig({ postgres: { url: database.url } }), onError });
});
afterAll(async () => {
  await house.close();
  await drop();
});

/** A wrong password for an account that nobody else asks for: only the place is what tries have in common. */
const wrongFrom = (ip: string, secondWay = false): Promise<ThrottleVerdict> =>
  reserveTry({ ...house, sleep: async () => {} }, { who: randomUUID(), ip, password: randomUUID(), secondWay });

async function setCount(what: string, who: string, count: number): Promise<void> {
  await house.db.query({
    text: 'UPDATE attempt_counters SET count = $2 WHERE counter_key = $1',
    values: [house.keyRing.lookupKey('attempts', what, who), count],
  });
}

it.each([
  {
    what: 'password-near-network',
    network: '198.51.100.0/24',
    from: '198.51.100.1',
    also: '198.51.100.2',
    limit: 1200,
  },
  { what: 'password-wide-network', network: '203.0.0.0/16', from: '203.0.113.1', also: '203.0.7.7', limit: 6000 },
  {
    what: 'password-near-network',
    network: '2001:db8:1::/48',
    from: '2001:db8:1::1',
    also: '2001:db8:1:f::2',
    limit: 1200,
  },
])('A10: wrong tries of $network are counted together, and then need a second way', async (given) => {
  const { what, network, from, also, limit } = given;
  expect(await wrongFrom(from)).toEqual({ verdict: 'go' });
  await setCount(what, network, limit - 1);
  expect(await wrongFrom(also)).toEqual({ verdict: 'go' });
  expect(await wrongFrom(from)).toEqual({ verdict: 'second-way' });
  expect(await wrongFrom(also, true), 'nobody of that place is shut out (A9)').toEqual({ verdict: 'go' });
  expect(await wrongFrom('192.0.2.1'), 'other places go on').toEqual({ verdict: 'go' });
});

it('A10: a right password counts for nothing where others count too', async () => {
  const [ip, network] = ['100.64.1.1', '100.64.1.0/24'];
  await wrongFrom(ip);
  await setCount('password-near-network', network, 1198);
  for (let count = 0; count < 5; count += 1) {
    const attempt = { who: randomUUID(), ip, password: randomUUID(), secondWay: false };
    expect(await reserveTry({ ...house, sleep: async () => {} }, attempt)).toEqual({ verdict: 'go' });
    await settleTry(house, attempt);
  }
  expect(await wrongFrom(ip)).toEqual({ verdict: 'go' });
  await wrongFrom(ip);
  expect(await wrongFrom(ip)).toEqual({ verdict: 'second-way' });
});
