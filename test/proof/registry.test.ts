import { expect, it } from 'vitest';
import { runKills } from './kills.ts';

it('the registry in a folder survives processes that are killed at any moment (short form of proof:registry)', async () => {
  const { confirmed, complaints } = await runKills({ kills: 8, seed: 8 });
  expect(complaints).toEqual([]);
  expect(confirmed).toBeGreaterThan(8);
}, 120_000);
