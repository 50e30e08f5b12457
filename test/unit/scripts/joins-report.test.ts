/** The report on proposed joins: that it reads real contracts, composes what it proposes, and samples fairly. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Proposal } from '../../../gateway/compose/propose/proposal.ts';
import { formatReading, formatSample } from '../../../scripts/joins-report/format.ts';
import { type Reading, readProposals } from '../../../scripts/joins-report/read.ts';
import { sampleOf } from '../../../scripts/joins-report/sample.ts';
import { root } from '../../repository.ts';

const contract = join(root, 'sources/orders/openapi.yaml');

describe('a contract', () => {
  it('is read, its joins are proposed, and all of them compose', async () => {
    const reading = await readProposals({ file: contract, kind: 'openapi' }, 'orders');
    expect(reading.fault).toBeUndefined();
    expect(reading.proposals.map(({ type, field }) => `${type}.${field}`).sort()).toEqual([
      'Customer.orders',
      'Order.customer',
    ]);
    expect(formatReading({ ...reading, ms: 3 })).toBe('orders: 2 joins (1 to lists, 2 in bulk) in 3 ms');
    expect(formatSample(sampleOf([reading], { most: 1, per: 1, seed: 1 }))).toMatch(
      /^1\. orders\n {3}\w+\.\w+: .*\n.* → /,
    );
  });

  it('that cannot be read is a fault of its own', async () => {
    const reading = await readProposals({ file: join(root, 'LICENSE'), kind: 'openapi' }, 'licence');
    expect(reading.proposals).toEqual([]);
    expect(formatReading(reading)).toMatch(/^licence: 0 joins .*\n {2}FAILED: ./);
  });
});

describe('a sample', () => {
  const reading = (file: string, size: number): Reading => {
    const proposals = Array.from({ length: size }, (_, at) => ({ field: `${file}${at}` }) as Proposal);
    return { file, proposals, ms: 0 };
  };
  const readings = [reading('a', 100), reading('b', 3)];
  const drawn = (seed: number, most = 60) =>
    sampleOf(readings, { most, per: 5, seed }).map(({ proposal }) => proposal.field);

  it('takes no more of one contract than of another', () => {
    expect(drawn(1)).toHaveLength(8);
    expect(drawn(1).filter((field) => field.startsWith('a'))).toHaveLength(5);
    expect(drawn(1, 4)).toHaveLength(4);
  });

  it('is the same for the same seed, and another for another', () => {
    expect(drawn(7)).toEqual(drawn(7));
    expect(drawn(7)).not.toEqual(drawn(8));
  });
});
