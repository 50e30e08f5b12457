/** The supervisor over several made-up processes: who is started when, what becomes of a death, and what takes turns. */
import { describe, expect, it } from 'vitest';
import { pauseBefore, recent } from '../../../../gateway/cli/supervise/restarts.ts';
import { openProgram as open } from './made-up.ts';

const wanted = { generation: 'g2', revision: 2, settings: 's' };
const carried = { operations: [], budgets: [], breakers: [] };

describe('a supervisor of several', () => {
  it('starts the others when the first one serves', () => {
    const program = open(3);
    expect(program.started).toHaveLength(1);
    program.serve(0);
    expect(program.started).toHaveLength(3);
    program.serve(1);
    program.serve(2);
    expect(program.started).toHaveLength(3);
    expect(program.process(1).heard).toEqual([{ kind: 'begin', settings: 's' }]);
  });

  it('ends with what the first one ends with, where it never served', async () => {
    const program = open(3);
    program.process(0).ends(1);
    expect(await program.end).toBe(1);
    expect([program.started.length, program.lost]).toEqual([1, []]);
  });

  it('starts another one in the place of one that ended, and the others hear nothing of it', () => {
    const program = open(2);
    const [first, second] = program.all();
    first?.ends(null, 'SIGKILL');
    expect(program.lost).toEqual([{ worker: 1, reason: 'SIGKILL', pauseMs: 100 }]);
    expect(program.started).toHaveLength(2);
    expect(program.fire()).toBe(100);
    expect(program.started).toHaveLength(3);
    program.serve(2);
    expect(second?.heard).toEqual([{ kind: 'begin', settings: 's' }]);
    expect(program.ended()).toBeUndefined();
  });

  it('waits longer after each death of the same worker, and begins anew after a minute', () => {
    const program = open(2);
    program.all();
    const pauses = [];
    for (let death = 0; death < 7; death += 1) {
      program.process(program.started.length - 1).ends(70);
      pauses.push(program.fire());
    }
    expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 5000]);
    program.clock.advance(60_000);
    program.process(program.started.length - 1).ends(70);
    expect(program.fire()).toBe(100);
  });

  it('ends, with the code of the last death, when there are too many within a minute', async () => {
    const program = open(2);
    const [first] = program.all();
    for (let death = 0; death < 10; death += 1) {
      program.process(program.started.length - 1).ends(70);
      program.fire();
    }
    expect([program.ended(), first?.heard.includes('SIGTERM')]).toEqual([undefined, false]);
    program.process(program.started.length - 1).ends(1);
    expect(program.lost.at(-1)).toEqual({ worker: 2, reason: 'exit code 1', pauseMs: undefined });
    expect(first?.heard.at(-1)).toBe('SIGTERM');
    first?.ends(0);
    expect(await program.end).toBe(1);
    expect(program.timers.size).toBe(0);
  });

  it('tries one that refuses to serve again and again, which is no death', () => {
    const program = open(2);
    program.all();
    program.process(1).ends(null, 'SIGKILL');
    program.fire();
    for (let tries = 0; tries < 20; tries += 1) {
      const fresh = program.process(program.started.length - 1);
      fresh.says({ kind: 'hello' });
      fresh.says({ kind: 'unfit', reason: 'gateway.yaml is another' });
      fresh.ends(1);
      expect(program.fire()).toBe(5000);
    }
    expect([program.lost.length, program.ended()]).toEqual([1, undefined]);
  });

  it('makes successors one after the other', () => {
    const program = open(2);
    const [first, second] = program.all();
    for (const each of [first, second]) each?.says({ kind: 'succeed', wanted, limitMs: 60_000 });
    expect(program.started).toHaveLength(3);
    const third = program.process(2);
    third.says({ kind: 'hello' });
    third.says({ kind: 'ready' });
    first?.says({ kind: 'given', carried });
    expect(third.heard).toEqual([
      { kind: 'begin', wanted, settings: 's' },
      { kind: 'take', carried },
    ]);
    third.says({ kind: 'serving' });
    expect(first?.heard.at(-1)).toEqual({ kind: 'over' });
    expect(program.started).toHaveLength(4);
    const fourth = program.process(3);
    fourth.says({ kind: 'hello' });
    fourth.says({ kind: 'unfit', reason: 'because' });
    expect(second?.heard.at(-1)).toEqual({ kind: 'refused', reason: 'because' });
    expect(program.timers.size).toBe(0);
    // Who has left is missed by nobody.
    first?.ends(0);
    fourth.ends(null, 'SIGKILL');
    expect([program.lost, program.started.length]).toEqual([[], 4]);
  });

  it('forgets the wish of one that ended before its turn', () => {
    const program = open(2);
    const [first, second] = program.all();
    for (const each of [first, second]) each?.says({ kind: 'succeed', wanted, limitMs: 60_000 });
    second?.ends(null, 'SIGKILL');
    program.process(2).says({ kind: 'unfit', reason: 'because' });
    expect(program.started).toHaveLength(3);
  });

  it('starts another one when one ended with its successor under way that had taken nothing', () => {
    const program = open(2);
    const [first] = program.all();
    first?.says({ kind: 'succeed', wanted, limitMs: 60_000 });
    program.process(2).says({ kind: 'hello' });
    first?.ends(null, 'SIGKILL');
    expect(program.process(2).heard.at(-1)).toBe('SIGKILL');
    program.process(2).ends(null, 'SIGKILL');
    expect(program.lost).toHaveLength(1);
    program.fire();
    expect(program.started).toHaveLength(4);
  });

  it('passes SIGTERM on to all, starts nobody after that, and ends with 0', async () => {
    const program = open(3);
    const [first, second, third] = program.all();
    third?.ends(null, 'SIGKILL');
    program.signal('SIGTERM');
    expect([first, second].map((each) => each?.heard.at(-1))).toEqual(['SIGTERM', 'SIGTERM']);
    expect(program.timers.size).toBe(0);
    first?.ends(0);
    await Promise.resolve();
    expect(program.ended()).toBeUndefined();
    second?.ends(0);
    expect(await program.end).toBe(0);
    expect(program.started).toHaveLength(3);
  });

  it('ends with the fault of one that could not end as it should', async () => {
    const program = open(2);
    const [first, second] = program.all();
    program.signal('SIGINT');
    first?.ends(70);
    second?.ends(0);
    expect(await program.end).toBe(70);
  });

  it('ends at once when it is told to while nothing serves', async () => {
    const program = open(2);
    const all = program.all();
    for (const each of all) each.ends(null, 'SIGKILL');
    program.signal('SIGTERM');
    expect(await program.end).toBe(0);
  });

  it('lets SIGHUP reach all that serve', () => {
    const program = open(3);
    program.serve(0);
    program.serve(1);
    program.signal('SIGHUP');
    expect([0, 1, 2].map((at) => program.process(at).heard.includes('SIGHUP'))).toEqual([true, true, false]);
  });
});

describe('restarts', () => {
  it('count deaths of the last minute', () => {
    const deaths = [0, 1, 60_000].map((at) => ({ worker: 1, at }));
    expect(recent(deaths, 60_000).map(({ at }) => at)).toEqual([1, 60_000]);
  });

  it('pause by the deaths of the same worker, and end by those of all', () => {
    const deaths = (...workers: number[]) => workers.map((worker) => ({ worker, at: 0 }));
    expect(pauseBefore(deaths(1, 2, 2), 1, 2)).toBe(100);
    expect(pauseBefore(deaths(1, 2, 2), 2, 2)).toBe(200);
    expect(pauseBefore(deaths(1, 2, 3, 1, 2, 3), 3, 1)).toBeUndefined();
  });
});
