import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bucketOf } from '../../src/migration/cutover/route-of.ts';
import { by, PASSWORD, type TwoSides, twoSides } from '../support/two-sides.ts';

const act = { meta: by, evidence: 'Agreed with the department on 20 November.' };

describe('"my details are right, this does not work"', () => {
  let world: TwoSides;
  beforeEach(async () => {
    world = await twoSides();
    await world.sides.setAuthority('rent-portal', { authority: { password: 'new' } }, by);
    await world.sides.cutover.plan('rent-portal', { steps: [40, 50], complaints: 3 }, by);
    await next();
    await anyway();
  });
  afterEach(() => world.drop());

  const cutover = () => world.sides.cutover;
  const next = () => cutover().next('rent-portal', act);
  const anyway = async (): Promise<void> => {
    for (const actor of ['operator:amy', 'operator:bob'])
      await cutover().next('rent-portal', { ...act, meta: { actor }, anyway: true });
    world.tick(10_000);
  };
  let tried = 0;
  /** What is left of an attempt of somebody, whether or not there is such a person. */
  const refused = async (isMoved = true, below = 4000): Promise<string> => {
    for (;;) {
      const login = `nobody-${(tried += 1)}`;
      if (bucketOf(world.keyRing, 'rent-portal', login) < (isMoved ? below : 5000) === isMoved) return refusalOf(login);
    }
  };
  const refusalOf = async (login: string): Promise<string> => {
    const result = await world.signIn(login, 'something else altogether');
    if (result.outcome !== 'mismatch' || result.refusal === undefined) throw new Error(result.outcome);
    return result.refusal;
  };
  let heard = 0;
  const complain = (refusal: string, ip: string): Promise<void> =>
    cutover().hear(refusal, { ip, correlationId: `c${(heard += 1)}` });
  const complaints = async () => (await cutover().status('rent-portal')).sides.complaints;

  it('counts once for a name, from whatever network, and once for a network, of whatever name', async () => {
    const [one, other] = [await refused(), await refused()];
    await complain(one, '192.0.2.1');
    expect(await complaints()).toBe(1);
    await complain(one, '198.51.100.1');
    await complain(other, '192.0.2.77');
    expect(await complaints()).toBe(1);
    await complain(other, '203.0.113.1');
    expect(await complaints()).toBe(2);
    expect(await world.trail()).toContain('source.cutover-complained');
    world.tick(25 * 3_600_000);
    await complain(await refused(), '192.0.2.3');
    expect(await complaints(), 'a day later, at the same step').toBe(2);
  });

  it('counts twenty at once of one name, or from one network, as one', async () => {
    const one = await refused();
    await Promise.all(Array.from({ length: 20 }, (_, time) => complain(one, `10.${time}.0.1`)));
    expect(await complaints()).toBe(1);
    const many = await Promise.all(Array.from({ length: 20 }, () => refused()));
    await Promise.all(many.map((refusal) => complain(refusal, '192.0.2.9')));
    expect(await complaints()).toBe(2);
  });

  it('counts two of one provider at most', async () => {
    for (const ip of ['10.9.1.1', '10.9.2.1', '10.9.3.1', '10.9.4.1']) await complain(await refused(), ip);
    expect(await complaints()).toBe(2);
  });

  it('does not count what the old side answered, and takes nothing from the network for it', async () => {
    await complain(await refused(false), '192.0.2.1');
    expect(await complaints()).toBe(0);
    await complain(await refused(), '192.0.2.2');
    expect(await complaints()).toBe(1);
  });

  it('sends the cut-over one step back when enough have said so, and the same networks do not send it back another', async () => {
    const ips = ['192.0.2.1', '198.51.100.1', '203.0.113.1'];
    const late = await refused();
    for (const ip of ips) await complain(await refused(), ip);
    world.tick(5000);
    expect(await cutover().evaluate()).toEqual([{ source: 'rent-portal', by: 'complaints', toPercent: 40 }]);
    await complain(late, '10.1.1.1');
    expect(await complaints(), 'it was of the step that is over').toBe(0);
    for (const ip of ips) await complain(await refused(), ip);
    expect(await complaints()).toBe(0);
    world.tick(25 * 3_600_000);
    for (const ip of ips) await complain(await refused(), ip);
    expect(await complaints(), 'a day later they are heard again').toBe(3);
  });

  it('is not stopped by what it cannot read, and says so to those who run this', async () => {
    await complain('of another release', '192.0.2.1');
    await complain('{}', '192.0.2.1');
    expect(world.faults).toHaveLength(1);
    expect(await complaints()).toBe(0);
  });

  it('A11: every refusal leaves the same, whether there is somebody or not, and whoever served them', async () => {
    const known = await world.person();
    const shapes = [await refusalOf(known), await refused(), await refused(false), await refusalOf('anybody-else')].map(
      (refusal) => Object.keys(JSON.parse(refusal)),
    );
    expect(new Set(shapes.map(String)).size).toBe(1);
    const fine = await world.signIn(known, PASSWORD);
    expect(fine).toMatchObject({ outcome: 'match', refusal: expect.any(String) });
  });

  it('says nothing where no cut-over is planned', async () => {
    await world.drop();
    world = await twoSides();
    expect(await world.signIn('nobody-1')).toEqual({ outcome: 'mismatch' });
  });
});
