import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyDecision, stepBefore } from './apply-decision.ts';
import { dispatch, firstState, undoFrom, type Ways } from './dispatch.ts';
import type { Facts, JourneyState } from './facts.ts';
import type { Interaction } from './interaction-port.ts';
import { judgeVisit } from './judge-visit.ts';
import { forget, type Journey, type Step } from './step.ts';

const refuse = (): never => {
  throw new Error('not asked in these tests');
};

function step(name: string, own: keyof Facts, needs?: keyof Facts): Step {
  return {
    name,
    path: name,
    template: name,
    isAllowed: ({ state }) => needs === undefined || state.facts[needs] !== undefined,
    isDone: ({ state }) => state.facts[own] !== undefined,
    undo: forget(own),
    get: refuse,
    post: refuse,
  };
}

const email = step('email', 'address');
const check = step('check', 'checkSent', 'address');
const password = step('password', 'signedIn', 'address');
const create = step('create', 'newAddress');
const createCode = step('create-code', 'newAddressProved', 'newAddress');
const consent = step('continue', 'confirmed');
const unused = step('unused', 'forgottenAddress');

const ways: Ways = {
  'sign-in': [email, check, password],
  consent: [consent],
  'sign-up': [create, createCode],
  recovery: [unused],
  'first-sign-in': [unused],
};

const interaction: Interaction = {
  uid: 'uid',
  prompt: 'login',
  sessionAccountId: undefined,
  clientId: 'client',
  service: {
    name: { en: 'Service', cy: 'Gwasanaeth' },
    logoUrl: undefined,
    policyUrl: undefined,
    termsUrl: undefined,
    homeUrl: undefined,
    redirectOrigin: 'https://rp.example',
    sources: [],
  },
  uiLocales: [],
  loginHint: undefined,
  levels: ['Cl'],
  expiresAt: new Date(0),
};

const journey = (facts: Facts, way: JourneyState['way'] = 'sign-in'): Journey => ({
  id: 'uid',
  interaction,
  state: { way, facts },
});
const nameOf = (next: ReturnType<typeof dispatch>): string => (next.to === 'step' ? next.step.name : next.to);

const signedIn = { accountId: 'a', amr: ['pwd'] };

describe('the dispatcher', () => {
  it.each([
    [{}, 'email'],
    [{ address: 'a@example.org' }, 'check'],
    [{ address: 'a@example.org', checkSent: 'c' }, 'password'],
    [{ address: 'a@example.org', signedIn }, 'finish'],
    [{ confirmed: true }, 'confirm'],
  ])('%j leads to %s', (facts, expected) => {
    expect(nameOf(dispatch(ways, journey(facts)))).toBe(expected);
  });

  it('starts a consent by its own way, everything else with the sign-in', () => {
    const wayOf = (asked: Parameters<typeof firstState>[0]) => firstState(asked).way;
    const prompts = ['consent', 'login', 'select_account'] as const;
    expect(prompts.map((prompt) => wayOf({ prompt }))).toEqual(['consent', 'sign-in', 'sign-in']);
    expect(wayOf({ prompt: 'login', oldSource: 'rent-portal' }), 'a link of the old service').toBe('first-sign-in');
  });
});

describe('the guard', () => {
  it.each([
    ['the page that comes next', {}, email, 'show'],
    ['X9: a page before its turn', {}, password, 'go'],
    ['X9: a page whose own facts are there, behind one that is not done', { address: 'a@example.org' }, password, 'go'],
    ['a page that was passed', { address: 'a@example.org', checkSent: 'c' }, email, 'show'],
    ['the first page of another way', { address: 'a@example.org' }, create, 'show'],
    ['X9: a later page of another way', { address: 'a@example.org', newAddress: 'b@example.org' }, createCode, 'go'],
    ['any page once somebody is signed in', { signedIn }, email, 'go'],
  ])('%s', (_, facts, visited, verdict) => {
    expect(judgeVisit(ways, journey(facts), visited).verdict).toBe(verdict);
  });

  it('X8: a consent cannot be turned into a sign-up', () => {
    expect(judgeVisit(ways, journey({}, 'consent'), create).verdict).toBe('go');
  });
});

describe('a decision', () => {
  const state: JourneyState = { way: 'sign-in', facts: { address: 'a@example.org', checkSent: 'c' } };

  it('going back undoes what came after', () => {
    const after = applyDecision(
      ways,
      state,
      { step: email, way: 'sign-in' },
      { outcome: 'learned', facts: { address: 'b@example.org' } },
    );
    expect(after).toEqual({ way: 'sign-in', facts: { address: 'b@example.org' } });
  });

  it('turning to another way forgets the facts of this one', () => {
    const visit = { step: create, way: 'sign-up' } as const;
    const after = applyDecision(ways, state, visit, { outcome: 'learned', facts: { newAddress: 'b@example.org' } });
    expect(after).toEqual({ way: 'sign-up', facts: { newAddress: 'b@example.org' } });
  });

  it('problems change nothing but what the page says', () => {
    const visit = { step: create, way: 'sign-up' } as const;
    const after = applyDecision(ways, state, visit, { outcome: 'problems', problems: [{ field: 'f', key: 'k' }] });
    expect(after).toEqual({ ...state, flash: { step: 'create', problems: [{ field: 'f', key: 'k' }], values: {} } });
  });

  it('whatever is learned and undone, nobody is signed in without the last step', () => {
    const facts = fc.subarray(['address', 'checkSent', 'newAddress', 'newAddressProved'] as const);
    fc.assert(
      fc.property(facts, fc.constantFrom(email, check, password, create, createCode), (known, visited) => {
        const all: Facts = Object.fromEntries(known.map((name) => [name, name === 'newAddressProved' ? true : 'x']));
        const kept = undoFrom(ways['sign-in'], visited, all);
        expect(kept.signedIn).toBeUndefined();
        expect(nameOf(dispatch(ways, journey(kept)))).not.toBe('finish');
      }),
    );
  });

  it('the back link leads to the nearest page that may be shown, from another way to where the journey stands', () => {
    expect(stepBefore(ways, journey(state.facts), password)?.name).toBe('check');
    expect(stepBefore(ways, journey({}), email)).toBeUndefined();
    expect(stepBefore(ways, journey({}), create)?.name).toBe('email');
  });
});
