import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FetchDocument, FetchedDocument } from '../../../gateway/connect/rest/fetch-document.ts';
import { type ContractWatch, openContractWatch } from '../../../gateway/registry/contract-watch.ts';
import type { Watched } from '../../../gateway/registry/watched.ts';

const url = 'https://orders.example/openapi.yaml?key=secret';
let asked: FetchDocument[];
let submitted: unknown[][];
let told: unknown[];
let sources: Map<string, Watched>;
let answer: FetchedDocument | Error;
let outcome: Record<string, unknown> | Error;
let watch: ContractWatch;

const changed = (etag = '"1"'): FetchedDocument => ({
  changed: true,
  bytes: Buffer.from('openapi'),
  url: 'https://orders.example/openapi.yaml',
  type: '',
  etag,
  lastModified: undefined,
});
const watched = (more: object = {}, isGuarded = false): Watched => ({
  kind: 'openapi',
  isGuarded,
  contract: { url, everyMs: 1000, apply: 'safe', ...more } as Watched['contract'],
});

beforeEach(() => {
  vi.useFakeTimers();
  [asked, submitted, told, sources] = [[], [], [], new Map([['orders', watched()]])];
  answer = changed();
  outcome = { applied: true };
  watch = openContractWatch({
    registrar: {
      submit: async (...args: unknown[]) => {
        submitted.push(args);
        if (outcome instanceof Error) throw outcome;
        return outcome as never;
      },
    },
    watched: () => sources,
    fetch: async (options) => {
      asked.push(options);
      if (answer instanceof Error) throw answer;
      return answer;
    },
    allowInternal: ['inside.example'],
    maxBytes: 1000,
    timeoutMs: 500,
    events: {
      contractChecked: (event) => told.push(event),
      contractCheckFailed: ({ source }) => told.push({ source, outcome: 'failed' }),
    },
    now: () => 0,
    random: () => 0.5,
  });
});

afterEach(async () => {
  await watch[Symbol.asyncDispose]();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('a published contract', () => {
  it('is asked for on time, and what changed goes the way of every change, by the word of its policy', async () => {
    await vi.advanceTimersByTimeAsync(999);
    expect(asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toMatchObject([{ source: 'orders', url, maxBytes: 1000, timeoutMs: 500 }]);
    expect(submitted).toEqual([
      [
        {
          name: 'orders',
          what: 'update',
          upload: { contract: { files: new Map([['openapi.yaml', Buffer.from('openapi')]]), main: 'openapi.yaml' } },
          reason: 'its contract changed at https://orders.example/openapi.yaml',
        },
        { name: 'contract watch', owners: ['*'] },
        'safe',
      ],
    ]);
    expect(told).toEqual([{ source: 'orders', outcome: 'applied' }]);
  });

  it('that stayed as it was costs one conditional request', async () => {
    await vi.advanceTimersByTimeAsync(1000);
    answer = { changed: false };
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked[1]).toMatchObject({ etag: '"1"' });
    expect(submitted).toHaveLength(1);
    expect(told.at(-1)).toEqual({ source: 'orders', outcome: 'unchanged' });
  });

  it('is told of when it is held, and when it fails, and is asked for whole after that', async () => {
    outcome = { applied: false, held: '1 breaking change' };
    await vi.advanceTimersByTimeAsync(1000);
    expect(told).toEqual([{ source: 'orders', outcome: 'held', reason: '1 breaking change' }]);
    outcome = new Error('it does not compose');
    await vi.advanceTimersByTimeAsync(1000);
    expect(told.at(-1)).toEqual({ source: 'orders', outcome: 'failed' });
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked[1]).toMatchObject({ etag: '"1"' });
    expect(asked[2]?.etag).toBeUndefined();
  });

  it('goes on being asked for after its server was away', async () => {
    answer = new Error('away');
    await vi.advanceTimersByTimeAsync(3000);
    expect(asked).toHaveLength(3);
    answer = changed();
    await vi.advanceTimersByTimeAsync(1000);
    expect(submitted).toHaveLength(1);
  });

  it('is looked for where the operator wrote, and where a team wrote only if it may', async () => {
    sources = new Map([
      ['orders', watched()],
      ['stock', watched({ url: undefined, reflection: '10.0.0.1:1' }, true)],
      ['team', watched({}, true)],
    ]);
    watch.follow();
    await vi.advanceTimersByTimeAsync(1000);
    const rules = Object.fromEntries(asked.map((each) => [each.source, [each.refuseInternal, each.allowInternal]]));
    expect(rules).toEqual({ orders: [false, ['inside.example']], team: [true, ['inside.example']] });
    const actors = submitted.map(([wish, actor]) => [(wish as { name: string }).name, actor]);
    expect(Object.fromEntries(actors)).toEqual({
      orders: { name: 'contract watch', owners: ['*'] },
      team: { name: 'contract watch', owners: ['*'], isGuarded: true },
      stock: { name: 'contract watch', owners: ['*'], isGuarded: true },
    });
  });

  it('comes and goes with its source, and follows another interval', async () => {
    sources = new Map([
      ['orders', watched({ everyMs: 5000 })],
      [
        'stock',
        {
          ...{ kind: 'grpc', isGuarded: false },
          contract: { reflection: 'stock:1', everyMs: 2000, apply: 'all' } as Watched['contract'],
        },
      ],
    ]);
    watch.follow();
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked).toEqual([]);
    expect(submitted).toMatchObject([[{ name: 'stock', upload: { contract: { reflection: 'stock:1' } } }, {}, 'all']]);
    sources = new Map();
    watch.follow();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(submitted).toHaveLength(1);
  });
});
