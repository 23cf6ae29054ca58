import type { AccountsDeps } from '../accounts-deps.ts';
import { mayFollow } from '../store/sector-move-rows.ts';
import { findSubject } from '../store/subject-rows.ts';
import { alsoKnownAs } from './also-known-as.ts';
import { ensureSubject } from './ensure-subject.ts';
import { inheritSubject } from './inherit-subject.ts';
import { mapOfSector } from './map-of-sector.ts';
import { moveSector } from './move-sector.ts';
import type { Subjects } from './subjects.ts';
import type { SubjectsDeps } from './subjects-deps.ts';

export interface SubjectsOptions {
  readonly prefix: string;
}

export function createSubjects(accountsDeps: AccountsDeps, { prefix }: SubjectsOptions): Subjects {
  const deps: SubjectsDeps = { ...accountsDeps, prefix };
  const { db } = deps;
  return {
    find: (accountId, sector) => findSubject(db, accountId, sector),
    ensure: (tx, subject) => ensureSubject(deps, tx, subject),
    inherit: (tx, subject, meta = { actor: 'system' }) => inheritSubject(deps, tx, subject, meta),
    alsoKnownAs: (accountId, sector) => alsoKnownAs(db, accountId, sector),
    mapOf: (request) => mapOfSector(db, request),
    mayFollow,
    moveSector: (move, meta) => moveSector(deps, move, meta),
  };
}
