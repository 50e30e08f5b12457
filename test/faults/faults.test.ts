/** Each fault once, where a fixed seed puts it; `npm run test:faults` makes more of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isErrorCode } from '../../gateway/errors.ts';
import { removeProjects } from '../kit/project.ts';
import { readText } from '../repository.ts';
import { makeFaults } from './all-faults.ts';
import { createRandom } from './chance.ts';
import { healthy, rest, sendJson } from './fault.ts';
import { probe } from './probe.ts';
import { holdTimers, watchTimers } from './timers.ts';

const SEED = 20_261_123;
const faults = makeFaults(createRandom(SEED));
/** Few failures, so the measure is a coarse one; `npm run test:faults` takes a fine one of every fault. */
const MEMORY = { warmUp: 1, fewest: 1, most: 5, collections: 2, operations: 24, slack: 4 };
/** Of each kind of fault one, by how its name begins: what these leave in memory is measured each by itself. */
const MEASURED = [
  'killed mid-body, after',
  'hangs before',
  'reset',
  'slow drip',
  '500 storm, 50 calls, retried',
  '429 with Retry-After beyond',
  'wrong content type',
  'truncated JSON',
  '50 MB body, announced',
  'gRPC UNAVAILABLE',
  'gRPC DEADLINE_EXCEEDED',
  'gRPC RESOURCE_EXHAUSTED with details',
  'HTTP/2 GOAWAY that names the call',
  'DNS failure',
  'token endpoint down',
  'client gone in the middle, over HTTP, REST',
  'one of two clients of one call gone in the middle',
  '10000 distinct keys',
];
const measured = new Set(MEASURED.map((begin) => faults.find(({ name }) => name.startsWith(begin))));

afterAll(() => removeProjects());

// The first one builds the world.
beforeAll(async () => {
  await probe({ name: 'none', fields: 'getPerson(personId: "p1") { id }', expected: 'answered', calls: [1, 1] });
}, 120_000);

describe('a fault', () => {
  it.each(faults)('is survived: $name', async (fault) => {
    const { seen, siblings, left, complaints } = await probe(fault, measured.has(fault) ? MEMORY : undefined);
    expect({ seen, siblings, left, complaints }).toEqual({
      seen: fault.expected,
      siblings: true,
      left: { requests: 0, sockets: 0, timers: 0 },
      complaints: [],
    });
  });
});

it('are measured of each kind', () => {
  expect(measured).not.toContain(undefined);
  expect(measured.size).toBe(MEASURED.length);
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

describe('timers that are held', () => {
  it('come when they are told to, unless they were cleared', () => {
    const come: string[] = [];
    using timers = holdTimers((stack) => stack.includes('faults.test.ts'));
    setTimeout(() => come.push('first'), 10_000);
    clearTimeout(setTimeout(() => come.push('cleared'), 20_000));
    setTimeout(() => come.push('last'), 30_000);
    expect([timers.times(), come]).toEqual([[10_000, 30_000], []]);
    timers.fire();
    expect([timers.times(), come]).toEqual([[], ['first', 'last']]);
  });

  it('are nobody else’s, and set as before afterwards', async () => {
    const before = [globalThis.setTimeout, globalThis.clearTimeout];
    {
      using timers = holdTimers(() => false);
      clearTimeout(setTimeout(() => expect.unreachable(), 1));
      await new Promise((resolve) => setTimeout(resolve, 2));
      expect(timers.times()).toEqual([]);
    }
    expect([globalThis.setTimeout, globalThis.clearTimeout]).toEqual(before);
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

  it('complains of what is kept of each failure, and of no other', async () => {
    const kept: unknown[] = [];
    const failing = {
      ...well,
      expected: 'UPSTREAM_FAILED',
      upstreams: { people: rest((_, response) => sendJson(response, 500, {})) },
    };
    const leaking = {
      ...failing,
      upstreams: {
        people: rest((_, response) => {
          // 100 kB: what a process lets go of between two rounds is far less, however few the failures of a round.
          kept.push(Array.from({ length: 12_500 }, () => kept.length + 0.5));
          sendJson(response, 500, {});
        }),
      },
    };
    expect((await probe(failing, MEMORY)).complaints).toEqual([]);
    const { memory, complaints } = await probe(leaking, MEMORY);
    expect(memory?.each).toBeGreaterThan(50_000);
    expect(complaints).toEqual([`each failure leaves ${memory?.each} bytes, more than ${memory?.bound}`]);
  });

  it('complains of what ends otherwise when it happens again', async () => {
    let calls = 0;
    const people = rest((_, response) => {
      calls += 1;
      sendJson(response, calls === 1 ? 200 : 500, { id: 'p1' });
    });
    const { complaints } = await probe({ ...well, upstreams: { people } }, { ...MEMORY, operations: 1, slack: 1000 });
    expect(complaints).toEqual(['asked again it ends with UPSTREAM_FAILED']);
  });
});
