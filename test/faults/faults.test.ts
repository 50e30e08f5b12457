/** Each fault once, where a fixed seed puts it; `npm run test:faults` makes more of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeProjects } from '../kit/project.ts';
import { makeFaults } from './all-faults.ts';
import { createRandom } from './chance.ts';
import { healthy } from './fault.ts';
import { probe } from './probe.ts';

const SEED = 20_261_123;
const faults = makeFaults(createRandom(SEED));

afterAll(() => removeProjects());

// The first one builds the world.
beforeAll(async () => {
  await probe({ name: 'none', fields: 'getPerson(personId: "p1") { id }', expected: 'answered', calls: [1, 1] });
}, 120_000);

describe('a fault', () => {
  it.each(faults)('is survived: $name', async (fault) => {
    const { seen, siblings, left, complaints } = await probe(fault);
    expect({ seen, siblings, left, complaints }).toEqual({
      seen: fault.expected,
      siblings: true,
      left: { requests: 0, sockets: 0, timers: 0 },
      complaints: [],
    });
  });
});

describe('the probe', () => {
  const well = {
    name: 'none',
    fields: 'getPerson(personId: "p1") { id }',
    expected: 'answered',
    calls: [1, 1],
  } as const;

  it('says nothing where all is well', async () => {
    expect(await probe(well)).toMatchObject({ seen: 'answered', siblings: true, calls: 1, complaints: [] });
  });

  it.each([
    ['another code', { expected: 'UPSTREAM_FAILED' }, 'expected UPSTREAM_FAILED, seen answered'],
    ['another number of calls', { calls: [2, 3] }, '1 calls, not 2 to 3'],
    ['a sibling without its rows', { upstreams: { posts: healthy.people } }, 'the siblings are not answered'],
  ] as const)('complains of %s', async (_, change, complaint) => {
    const { complaints } = await probe({ ...well, ...change });
    expect(complaints).toContain(complaint);
  });
});
