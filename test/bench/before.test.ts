import { expect, test } from 'vitest';
import { before, loadBefore } from '../../bench/before.ts';

test('a commit is a server of its own name that says which one it is', async () => {
  const peer = await loadBefore('HEAD');
  expect(peer.name).toBe(before);
  expect(peer.note).toMatch(/^This gateway as it was at [0-9a-f]{12}\.$/);
});

test.each(['no-such-revision', '', '--all'])('%j is no commit', async (revision) => {
  await expect(loadBefore(revision)).rejects.toThrow('--before: there is no commit');
});
