import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { platform } from 'node:os';
import { describe, expect, test } from 'vitest';
import { parseMachineTicks, parseStat, readTree, treeOf } from '../../bench/lib/proc.ts';

/** A line as proc(5) describes it; fields that nobody reads are 0. */
function statLine(fields: { pid: number; name: string; parent: number; times: number[]; rss: number }): string {
  const { pid, name, parent, times, rss } = fields;
  const middle = [parent, pid, 0, 0, 0, 0, 0, 0, 0, 0, ...times, 20, 0, 11, 0, 4242, 99_999_999, rss];
  return `${pid} (${name}) S ${middle.join(' ')} 0 0 0\n`;
}

describe('a line of /proc/<pid>/stat', () => {
  test('is read by position, all four CPU times together', () => {
    const line = statLine({ pid: 42, name: 'node', parent: 7, times: [100, 20, 3, 4], rss: 5000 });
    expect(parseStat(line)).toEqual({ pid: 42, parent: 7, cpuTicks: 127, rssPages: 5000 });
  });

  test.each(['tmux: server', 'a) S 1 (b', '))) R 9 9 9'])('may be of a process called %j', (name) => {
    const line = statLine({ pid: 42, name, parent: 7, times: [1, 2, 0, 0], rss: 5 });
    expect(parseStat(line)).toMatchObject({ pid: 42, parent: 7, cpuTicks: 3 });
  });

  test.each(['', '42 node S 1', '42 (node) S 1 2 3'])('is refused when it is %j', (line) => {
    expect(() => parseStat(line)).toThrow('not a line of /proc/<pid>/stat');
  });
});

test('a tree holds the root and all that descend from it, and nobody else', () => {
  const all = [
    [10, 1],
    [11, 10],
    [12, 11],
    [13, 11],
    [20, 1],
    [21, 20],
  ].map(([pid = 0, parent = 0]) => ({ pid, parent, cpuTicks: 0, rssPages: 0 }));
  const pids = (root: number) =>
    treeOf(root, all)
      .map(({ pid }) => pid)
      .sort((a, b) => a - b);
  expect(pids(10)).toEqual([10, 11, 12, 13]);
  expect(pids(21)).toEqual([21]);
  expect(pids(99)).toEqual([]);
});

test('busy time of the machine is all but idle and waiting for disks', () => {
  expect(parseMachineTicks('cpu  10 1 5 900 50 2 3 4 0 0\ncpu0 1 1 1\n')).toEqual({ busy: 25, total: 975 });
  expect(() => parseMachineTicks('intr 1 2 3')).toThrow('not the first line of /proc/stat');
});

// Only Linux has /proc; the benchmark runs nowhere else.
test.skipIf(platform() !== 'linux')(
  'the tree of a working child is found with its CPU and memory, and is gone when it has ended',
  async () => {
    const child = spawn(process.execPath, [
      '-e',
      'while (performance.now() < 300); console.log(1); process.stdin.resume()',
    ]);
    try {
      await once(child.stdout, 'data');
      const use = readTree(child.pid ?? 0);
      expect(use.processes).toBe(1);
      expect(use.cpuMs).toBeGreaterThan(50);
      expect(use.rssBytes).toBeGreaterThan(10_000_000);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    expect(readTree(child.pid ?? 0)).toEqual({ cpuMs: 0, rssBytes: 0, processes: 0 });
  },
);
