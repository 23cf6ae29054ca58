import type { Problem } from '../../service.ts';
import { type Check, problem } from './check.ts';

const ID = /^[a-z0-9][a-z0-9-]{1,62}[a-z0-9]$/;

/** Who may register what: names of our own, and services that belong to another department. */
export const checkStanding: Check = (draft, { submission, existing, actor }) => {
  const problems: Problem[] = [];
  if (!ID.test(submission.clientId))
    problems.push(problem('clientId', 'client_id_not_allowed', 'Use 3 to 64 of a–z, 0–9 and hyphens.'));
  if (!ID.test(submission.department.departmentId))
    problems.push(problem('department.departmentId', 'wrong_shape', 'Use 3 to 64 of a–z, 0–9 and hyphens.'));
  if (existing && existing.departmentId !== submission.department.departmentId)
    problems.push(problem('department.departmentId', 'department_fixed', 'The service belongs to another department.'));
  const kinds = [draft.kind, existing?.metadata.kind];
  if (kinds.includes('internal') && actor !== 'system')
    problems.push(problem('kind', 'kind_not_allowed', 'Only Latchkey itself registers its own pages.'));
  return problems;
};
