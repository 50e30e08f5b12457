/** Clients that leave before their call could begin. */
import { expect, it } from 'vitest';
import { createMemoryStore } from '../../../../gateway/connect/cache/memory-store.ts';
import { createCacheRule } from '../../../../gateway/connect/chain/cache.ts';
import { callWithin } from '../../../../gateway/connect/chain/within.ts';
import type { Call, Caller } from '../../../../gateway/connect/connector.ts';
import { callOf, failureOf } from '../kit.ts';
import { faultOf, resultOf } from './kit.ts';

const NOW = 1_000_000;

function counting(): { sent: Call[]; caller: Caller } {
  const sent: Call[] = [];
  const caller: Caller = async (call) => {
    sent.push(call);
    return resultOf(1);
  };
  return { sent, caller };
}

it('have nothing sent when they leave while the store is asked', async () => {
  const { sent, caller } = counting();
  const client = new AbortController();
  const kept = createMemoryStore({ now: () => NOW });
  const rule = createCacheRule({
    source: 'shop',
    store: {
      ...kept,
      get: (names) => {
        client.abort();
        return kept.get(names);
      },
    },
    planOf: () => ({
      kind: 'read',
      ages: { maxAgeMs: 100, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 },
      byHeaders: false,
    }),
    keyOf: () => ({ text: 'key' }),
    behind: [],
    refreshMs: 1000,
    lifetime: new AbortController().signal,
    now: () => NOW,
  });
  const call = callOf('get', {}, { signal: client.signal, deadline: NOW + 1000 });
  expect((await failureOf(rule(caller)(call))).code).toBe('CLIENT_CLOSED');
  expect(sent).toHaveLength(0);
});

it('have nothing sent within a time of its own', async () => {
  const { sent, caller } = counting();
  const within = { source: 'shop', change: {}, ms: 1000, late: () => faultOf('UPSTREAM_TIMEOUT') };
  const call = callOf('get', {}, { signal: AbortSignal.abort() });
  expect((await failureOf(callWithin(caller, call, within))).code).toBe('CLIENT_CLOSED');
  expect(sent).toHaveLength(0);
});
