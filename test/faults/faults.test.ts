/** Each fault once, where a fixed seed puts it; `npm run test:faults` makes more of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isErrorCode } from '../../gateway/errors.ts';
import { removeProjects } from '../kit/project.ts';
import { readText } from '../repository.ts';
import { makeFaults } from './all-faults.ts';
import { createRandom } from './chance.ts';
import { healthy } from './fault.ts';
import { probe } from './probe.ts';
import { watchTimers } from './timers.ts';

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

it('are of every code that the page on errors has for what sources and operations do', () => {
  const tables = readText('docs/errors.md').split('## What becomes')[1]?.split('\n\nWhat a source says')[0] ?? '';
  const codes = [...tables.matchAll(/`([A-Z]+_[A-Z_]+|UNAUTHENTICATED|INTERNAL)`/g)].map(([, code = '']) => code);
  // These refuse an operation before it runs: test/http/limits.test.ts, test/unit/validate.
  const before = ['RATE_LIMITED', 'LIMIT_COST'];
  const promised = new Set(codes.filter(isErrorCode).filter((code) => !before.includes(code)));
  const seen = new Set(faults.flatMap(({ expected }) => expected.split('+')));
  expect(promised.size).toBeGreaterThan(10);
  expect([...promised].filter((code) => !seen.has(code))).toEqual([]);
});

describe('timers', () => {
  it('are counted as long as they have neither fired nor been cleared, unref’ed ones too', async () => {
    using timers = watchTimers((stack) => stack.includes('faults.test.ts'));
    const cleared = setTimeout(() => undefined, 60_000);
    setTimeout(() => undefined, 60_000).unref();
    const repeated = setInterval(() => undefined, 60_000);
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(timers.open()).toBe(3);
    clearTimeout(cleared);
    clearInterval(repeated);
    expect(timers.open()).toBe(1);
  });

  it('are nobody else’s, and set as before afterwards', () => {
    const before = globalThis.setTimeout;
    {
      using timers = watchTimers(() => false);
      clearTimeout(setTimeout(() => undefined, 1000));
      setTimeout(() => undefined, 1000).unref();
      expect(timers.open()).toBe(0);
    }
    expect(globalThis.setTimeout).toBe(before);
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
