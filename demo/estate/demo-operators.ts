import type { House } from '../../src/house.ts';
import { createOperators, type Role } from '../../src/operators/index.ts';

/** Four eyes need two people: one plans, the other approves. */
const STAFF = [
  { handle: 'olwen', name: 'Olwen', does: 'plans', roles: ['viewer', 'migrator', 'support'] },
  { handle: 'bryn', name: 'Bryn', does: 'approves', roles: ['viewer', 'approver', 'administrator'] },
] as const satisfies readonly { handle: string; name: string; does: string; roles: readonly Role[] }[];

/** One of the demo's staff, with the link that lets them in until they have a passkey. */
export interface DemoOperator {
  readonly name: string;
  readonly does: string;
  readonly invitation: string | undefined;
}

/** Makes the demo's staff once, and a fresh invitation for whoever has not taken one up. */
export async function inviteStaff(house: House): Promise<readonly DemoOperator[]> {
  const operators = createOperators(house);
  const act = { actor: 'operator:demo' };
  return Promise.all(
    STAFF.map(async ({ handle, name, does, roles }) => {
      const known = await operators.find(handle);
      if (known !== undefined && known.status !== 'invited') return { name, does, invitation: undefined };
      const done = known ? await operators.inviteAgain(handle, act) : await operators.invite({ handle, roles }, act);
      return { name, does, invitation: done.outcome === 'invited' ? done.link : undefined };
    }),
  );
}
