/** Every engine answers random operations over random schemas the same way; `proof:oracle` asks for many more. */
import { expect, it } from 'vitest';
import { prove } from './run.ts';

const SEED = 1;

it('says the same by the plain engine, by the reference and by the compiled one', async () => {
  const { failure, operations, worlds } = await prove({ seed: SEED, operations: 400 });
  expect(failure).toBeUndefined();
  expect(operations).toBeGreaterThanOrEqual(400);
  expect(worlds).toBeGreaterThan(20);
}, 120_000);
