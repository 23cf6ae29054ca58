import { type Static, Type } from 'typebox';
import { ATTRIBUTES, Authority, type Sides, takesTyped } from '../../../migration/index.ts';
import { sayRefusal } from '../say-refusal.ts';
import { showSides } from '../show-sides.ts';
import { needSource, type SidesDeps, sidesPath, type SidesVisit } from '../sides-deps.ts';

export const AuthorityFields = Type.Object(
  { ...Authority.properties, whenAway: Type.Enum(['refuse', 'imported']) },
  { additionalProperties: false },
);
type AuthorityFields = Static<typeof AuthorityFields>;

/** Which side is believed about what, to be changed. */
export async function showAuthority({ migration }: SidesDeps, visit: SidesVisit): Promise<unknown> {
  const { source, definition } = await needSource({ migration }, visit.params.source);
  const { authority, whenAway } = await migration.sideBySide.authorityOf(source);
  return visit.show('operators/side-by-side/authority/authority.njk', {
    name: definition.name[visit.language] ?? definition.name.en,
    action: `${sidesPath(source)}/authority`,
    canBeAsked: takesTyped(definition),
    attributes: ATTRIBUTES.map((attribute) => ({ attribute, side: authority[attribute] })),
    whenAway,
    backLink: sidesPath(source),
  });
}

/** Changes what is said otherwise than before: what stays as it is asks for nothing. */
export async function takeAuthority(deps: SidesDeps, visit: SidesVisit, fields: AuthorityFields): Promise<unknown> {
  const { source } = await needSource(deps, visit.params.source);
  const { sideBySide } = deps.migration;
  const change = changeFrom(await sideBySide.authorityOf(source), fields);
  if (change !== undefined) {
    const meta = { actor: visit.operator.actor, correlationId: visit.request.id };
    const changed = await sideBySide.setAuthority(source, change, meta);
    if (changed.outcome === 'refused')
      return showSides(deps, visit, { error: sayRefusal(changed.reason), evidence: '' });
  }
  return visit.reply.redirect(sidesPath(source), 303);
}

function changeFrom({ authority, whenAway }: Sides, fields: AuthorityFields) {
  const others = ATTRIBUTES.filter((name) => fields[name] !== authority[name]);
  if (others.length === 0 && fields.whenAway === whenAway) return undefined;
  return {
    authority: Object.fromEntries(others.map((name) => [name, fields[name]])),
    ...(fields.whenAway !== whenAway && { whenAway: fields.whenAway }),
  };
}
