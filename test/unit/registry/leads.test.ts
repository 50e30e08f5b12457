/** Of several processes that serve side by side one looks after published contracts. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openRegistry, type RegistryOptions } from '../../../gateway/registry/registry.ts';
import type { Watched } from '../../../gateway/registry/watched.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const contract = { url: 'https://orders.example/openapi.yaml', everyMs: 60_000, apply: 'safe' } as Watched['contract'];

function open(leads?: () => boolean) {
  const watched = new Map<string, Watched>([['orders', { kind: 'openapi', contract, isGuarded: false }]]);
  const supply = { watched: () => watched, onSwap: () => () => undefined };
  const config = { registration: { maxUploadBytes: 1000, fetchTimeoutMs: 500 } };
  return openRegistry({ supply, config, leads, random: () => 0.5 } as unknown as RegistryOptions);
}

it('looks when nobody else is there', async () => {
  await using _registry = open();
  expect(vi.getTimerCount()).toBe(1);
});

it('looks as long as it leads, and no longer', async () => {
  let leads = false;
  await using registry = open(() => leads);
  expect(vi.getTimerCount()).toBe(0);
  leads = true;
  registry.contracts.follow();
  expect(vi.getTimerCount()).toBe(1);
  leads = false;
  registry.contracts.follow();
  expect(vi.getTimerCount()).toBe(0);
});
