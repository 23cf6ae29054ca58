import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertedSystem, type Behind, startBehind } from '../../test/support/asserted-system.ts';
import { type EdgeStandIn, startEdgeStandIn } from './edge/edge-stand-in.ts';

const HANDLE = `journey.${'h'.repeat(36)}`;

describe('the stand-in for gateways', () => {
  let behind: Behind;
  let gateway: EdgeStandIn;
  beforeAll(async () => {
    behind = await startBehind();
    gateway = await startEdgeStandIn({ issuer: behind.url });
  });
  afterAll(async () => {
    await gateway.stop();
    await behind.stop();
  });

  /** Chooses what to hold, as a visitor would. */
  async function hold(method: keyof EdgeStandIn['settings'], held: string): Promise<unknown> {
    const settings = gateway.settings[method];
    const system = assertedSystem({ settings, secrets: gateway.secrets });
    behind.use(system);
    const asked = await fetch(`${settings.entryUrl}?handle=${HANDLE}`);
    expect(await asked.text()).toContain(HANDLE);
    const body = new URLSearchParams({ handle: HANDLE, held });
    await fetch(settings.entryUrl, { method: 'POST', body, redirect: 'manual' });
    await system.close();
    return behind.answers.at(-1);
  }

  it.each([
    ['M15', 'anna@old.demo'],
    ['M24', 'anna-4711'],
    ['M40', 'CN=anna hughes;CN=old card office'],
    ['M41', 'CN=anna hughes;CN=old card office'],
  ] as const)('%s: anna is let in', async (method, accountKey) => {
    expect(await hold(method, 'anna')).toMatchObject({ outcome: 'identified', identity: { accountKey } });
  });

  it.each([
    ['M15', 'other', 'wrong-issuer'],
    ['M24', 'other', 'not-bound'],
    ['M40', 'lost', 'disabled'],
    ['M40', 'other', 'wrong-issuer'],
    ['M41', 'soft', 'level-too-low'],
    ['M41', 'lost', 'disabled'],
  ] as const)('%s: %s is not: %s', async (method, held, reason) => {
    expect(await hold(method, held)).toEqual({ outcome: 'refused', reason });
  });
});
