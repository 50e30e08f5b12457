/** What `source show` tells of a source of a gateway that runs: its versions, and its last changes. */
import { expect, it } from 'vitest';
import { show } from '../../../gateway/cli/source/look.ts';

const version = { version: 1, bundle: 'a'.repeat(64), at: 0, by: 'ann' };
const change = { number: 1, at: 0, by: 'ann', what: 'add', source: 'orders', state: 'active', bundle: 'a'.repeat(64) };
const changes = [
  { number: 4, at: 3000, by: 'cat', what: 'state', source: 'orders', state: 'quarantined', reason: 'it lies' },
  { ...change, number: 3, at: 2000, by: 'bob', what: 'rollback', forced: true },
  { number: 2, at: 1000, by: 'bob', what: 'state', source: 'orders' },
  change,
];

async function shown(more: object): Promise<string> {
  let out = '';
  const io = { out: (text: string) => (out += text) };
  const source = { name: 'orders', kind: 'openapi', state: 'quarantined', from: 'registry', version: 1, files: {} };
  const api = { ask: async () => ({ ...source, versions: [version], ...more }) };
  await show(io as never, {}, api as never, 'orders');
  return out;
}

it('tells who changed what, the state after it, of which bundle, whether it was forced, and why', async () => {
  expect((await shown({ changes })).trimEnd().split('\n')).toEqual([
    'orders  openapi, quarantined, version 1 from the registry',
    '',
    expect.stringMatching(/^ *version 1 \(serving\) +1970-01-01T00:00:00.000Z by ann$/),
    '',
    expect.stringMatching(/^ *revision 4 +1970-01-01T00:00:03.000Z state by cat, quarantined: it lies$/),
    expect.stringMatching(/^ *revision 3 +1970-01-01T00:00:02.000Z rollback by bob, active, bundle a{12}, forced$/),
    expect.stringMatching(/^ *revision 2 +1970-01-01T00:00:01.000Z state by bob$/),
    expect.stringMatching(/^ *revision 1 +1970-01-01T00:00:00.000Z add by ann, active, bundle a{12}$/),
  ]);
});

it('does without changes where the gateway tells none', async () => {
  expect(await shown({})).not.toContain('revision');
});
