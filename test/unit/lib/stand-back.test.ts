/** A process that stands back behind others for a while. */
import { readdirSync } from 'node:fs';
import { getPriority, platform } from 'node:os';
import { expect, it } from 'vitest';
import { standBackForAWhile } from '../../../gateway/lib/stand-back.ts';

const priorities = (): number[] => readdirSync('/proc/self/task').map((id) => getPriority(Number(id)));
const root = process.getuid?.() === 0;

it.skipIf(platform() !== 'linux' || !root)('stands back with all its threads, and comes forward again', async () => {
  const own = getPriority(0);
  const comeForward = await standBackForAWhile(17, async () => true);
  expect(new Set(priorities())).toEqual(new Set([17]));
  comeForward();
  expect(new Set(priorities())).toEqual(new Set([own]));
});

it.skipIf(platform() !== 'linux')(
  'does nothing where it could not come forward again, or is not to stand back',
  async () => {
    const before = priorities();
    const asked: number[] = [];
    const refuse = async (): Promise<boolean> => {
      asked.push(1);
      return false;
    };
    (await standBackForAWhile(17, refuse))();
    expect(priorities()).toEqual(before);
    (await standBackForAWhile(0, refuse))();
    expect([priorities(), asked]).toEqual([before, [1]]);
  },
);
