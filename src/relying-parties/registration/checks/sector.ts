import type { Problem } from '../../service.ts';
import { type Check, problem } from './check.ts';

/**
 * Everything in a sector knows a person by the same `sub`. So a department may not join another's sector (D12), and a
 * live service may not leave its own, but for one that continues it: every citizen would be a stranger to it.
 */
export const checkSector: Check = (draft, { submission, existing, sectorDepartments, mayFollow }) => {
  const problems: Problem[] = [];
  const { sector } = draft;
  // Nobody outside sees the `sub` of our own pages, and their host changes with the issuer.
  if (sector === undefined || draft.kind === 'internal') return problems;
  if (existing && existing.metadata.sector !== sector && !mayFollow)
    problems.push(problem('sector', 'sector_fixed', `The sector of a service stays: ${existing.metadata.sector}.`));
  if (sectorDepartments.some((departmentId) => departmentId !== submission.department.departmentId))
    problems.push(problem('sector', 'sector_taken', 'Another department has this sector.'));
  return problems;
};
