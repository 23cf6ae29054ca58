import type { Interaction } from '../engine/interaction-port.ts';
import type { JourneyDeps } from '../journey-deps.ts';

/** Words that a guesser tries first at this service: its name and its department's, and ours (A4). */
export async function contextWords(
  deps: Pick<JourneyDeps, 'relyingParties'>,
  interaction: Pick<Interaction, 'clientId' | 'service'>,
): Promise<readonly string[]> {
  const found = await deps.relyingParties.find(interaction.clientId);
  const department = found ? [found.departmentName.en, found.departmentName.cy ?? ''] : [];
  return ['latchkey', interaction.service.name.en, interaction.service.name.cy, ...department];
}
