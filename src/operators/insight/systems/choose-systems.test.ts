import { expect, it } from 'vitest';
import type { SystemProgress } from '../../../migration/index.ts';
import { chooseSystems, movedShare, readSystemsAsked } from './choose-systems.ts';

const system = (source: string, changes: Partial<SystemProgress> = {}): SystemProgress => ({
  source,
  name: { en: `The ${source}`, cy: `Y ${source}` },
  department: 'Department for Housing',
  method: undefined,
  isSuspended: false,
  state: 'moving',
  waiting: 10,
  adopted: 0,
  other: 0,
  liveRun: undefined,
  lastRun: undefined,
  countedAt: undefined,
  ...changes,
});

const systems = [
  system('rents', { waiting: 5, adopted: 5 }),
  system('boats', { department: 'Department for Transport', method: 'M13', waiting: 90, state: 'moving' }),
  system('permits', { department: 'Department for Transport', state: 'done', waiting: 0, adopted: 3 }),
];

const sources = (query: Record<string, string>): string[] =>
  chooseSystems(systems, readSystemsAsked(query), 'en').map(({ source }) => source);

it('finds by key and by name in either language, without regard to case', () => {
  expect(sources({ search: 'y BOATS' })).toEqual(['boats']);
  expect(sources({ search: 'nothing' })).toEqual([]);
});

it('narrows by department, method and state', () => {
  expect(sources({ department: 'Department for Transport' })).toEqual(['boats', 'permits']);
  expect(sources({ method: 'M13' })).toEqual(['boats']);
  expect(sources({ method: 'none' })).toEqual(['rents', 'permits']);
  expect(sources({ state: 'done' })).toEqual(['permits']);
});

it('sorts as asked, and takes what makes no sense for nothing', () => {
  expect(sources({ sort: 'waiting' })).toEqual(['boats', 'rents', 'permits']);
  expect(sources({ sort: 'moved' })).toEqual(['permits', 'rents', 'boats']);
  expect(sources({ sort: '__proto__', state: 'constructor' })).toEqual(['rents', 'boats', 'permits']);
});

it('says how much has moved, of nothing too', () => {
  expect(systems.map(movedShare)).toEqual([0.5, 0, 1]);
  expect(movedShare(system('new', { waiting: 0 }))).toBe(0);
});
