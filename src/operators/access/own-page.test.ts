import { expect, it } from 'vitest';
import { ownPage } from './own-page.ts';

it('D21: a page of ours, with what was asked of it; everything else leads to the first page', () => {
  for (const page of [
    '/operators',
    '/operators/runs',
    '/operators/runs/019a-b.c?page=2&sort=a%2Fb',
    '/operators/people/of/a.b-c',
  ])
    expect(ownPage(page)).toBe(page);
  expect(ownPage('/operators/a/../runs#part')).toBe('/operators/runs');
  for (const other of [
    undefined,
    '',
    '/',
    '/account',
    '/operatorsx',
    '//evil.example',
    '/\\evil.example',
    'https://evil.example/operators',
    'javascript:alert(1)//operators',
    '/operators/../account',
    '/operators/%2e%2e/account',
    '/operators//evil.example',
    '/operators/%0d%0aset-cookie:a=b',
    '/operators/sign-in?to=/operators/sign-in',
    '/operators/sign-out',
    '/operators/invitation/x',
    '/operators/api/runs',
  ])
    expect([other, ownPage(other)]).toEqual([other, '/operators']);
});
