import type { AccountsDeps } from '../accounts-deps.ts';
import { findSubject } from '../store/subject-rows.ts';
import { ensureSubject } from './ensure-subject.ts';
import { inheritSubject } from './inherit-subject.ts';
import type { Subjects } from './subjects.ts';

export interface SubjectsOptions {
  readonly prefix: string;
}

export function createSubjects(deps: AccountsDeps, { prefix }: SubjectsOptions): Subjects {
  return {
    find: (accountId, sector) => findSubject(deps.db, accountId, sector),
    ensure: (tx, subject) => ensureSubject({ ...deps, prefix }, tx, subject),
    inherit: (tx, subject, meta = { actor: 'system' }) => inheritSubject(deps, tx, subject, meta),
  };
}
