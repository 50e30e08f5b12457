/** The supervisor over made-up processes: who serves, who is given up, and what the program ends with. */
import { describe, expect, it } from 'vitest';
import type { Carried } from '../../../../gateway/cli/supervise/messages.ts';
import { type Fake, openProgram } from './made-up.ts';

const wanted = { generation: 'g2', revision: 2, settings: 's' };
const carried: Carried = { operations: [], budgets: [['key', 7]], breakers: [] };

/** A program of one process, and who takes over from it. */
function open() {
  const program = openProgram();
  return {
    ...program,
    /** The first asks, the second is as far as told. */
    async come(upTo: 'started' | 'ready' | 'taken' | 'serving'): Promise<[Fake, Fake]> {
      const first = program.process(0);
      first.says({ kind: 'hello' });
      first.says({ kind: 'succeed', wanted, limitMs: 60_000 });
      const second = program.process(1);
      second.says({ kind: 'hello' });
      if (upTo !== 'started') second.says({ kind: 'ready' });
      if (upTo === 'taken' || upTo === 'serving') first.says({ kind: 'given', carried });
      if (upTo === 'serving') second.says({ kind: 'serving' });
      return [first, second];
    },
  };
}

describe('a supervisor', () => {
  it('starts one process, which begins on its own', () => {
    const program = open();
    program.process(0).says({ kind: 'hello' });
    expect(program.process(0).heard).toEqual([{ kind: 'begin' }]);
    expect(program.started).toHaveLength(1);
  });

  it('lets a fresh process make what was asked for, take what is carried, and serve; then the old one is told', async () => {
    const program = open();
    const [first, second] = await program.come('serving');
    expect(second.heard).toEqual([
      { kind: 'begin', wanted },
      { kind: 'take', carried },
    ]);
    expect(first.heard).toEqual([{ kind: 'begin' }, { kind: 'give' }, { kind: 'over' }]);
    expect(program.timers.size).toBe(0);
    first.ends(0);
    expect(program.started).toHaveLength(2);
    program.signal('SIGTERM');
    second.ends(0);
    expect(await program.end).toBe(0);
    expect(first.heard).not.toContain('SIGTERM');
  });

  it('goes through as many successions as are asked for', async () => {
    const program = open();
    const [first, second] = await program.come('serving');
    first.ends(0);
    second.says({ kind: 'succeed', wanted: { ...wanted, generation: 'g3' }, limitMs: 1 });
    const third = program.process(2);
    third.says({ kind: 'hello' });
    third.says({ kind: 'ready' });
    second.says({ kind: 'given', carried });
    third.says({ kind: 'serving' });
    expect(second.heard.at(-1)).toEqual({ kind: 'over' });
  });

  it.each([
    ['says that it is unfit', (second: Fake) => second.says({ kind: 'unfit', reason: 'because' }), 'because'],
    ['ends with a code', (second: Fake) => second.ends(1), 'A fresh process ended before it served: exit code 1.'],
    ['is killed', (second: Fake) => second.ends(null, 'SIGKILL'), 'A fresh process ended before it served: SIGKILL.'],
  ])('leaves the old process serving, with the reason, when the fresh one %s', async (_, fail, reason) => {
    const program = open();
    const [first, second] = await program.come('started');
    fail(second);
    expect(first.heard.at(-1)).toEqual({ kind: 'refused', reason });
    expect(program.timers.size).toBe(0);
    expect(program.ended()).toBeUndefined();
    first.says({ kind: 'succeed', wanted, limitMs: 1 });
    expect(program.started).toHaveLength(3);
  });

  it('gives up a fresh process that is not ready in time', async () => {
    const program = open();
    const [first, second] = await program.come('started');
    const [timer] = program.timers;
    expect(timer?.ms).toBe(60_000);
    timer?.then();
    expect(second.heard.at(-1)).toBe('SIGKILL');
    expect(first.heard.at(-1)).toEqual({
      kind: 'refused',
      reason: 'A fresh process was not ready within 60 s (build.maxMs).',
    });
    // What it still says, and that it ends, changes nothing.
    second.says({ kind: 'ready' });
    second.says({ kind: 'serving' });
    second.ends(null, 'SIGKILL');
    expect(first.heard).not.toContainEqual({ kind: 'over' });
  });

  it('makes one succession at a time', async () => {
    const program = open();
    const [first] = await program.come('started');
    first.says({ kind: 'succeed', wanted, limitMs: 1 });
    expect(program.started).toHaveLength(2);
    expect(first.heard.at(-1)).toMatchObject({ kind: 'refused' });
  });

  it('ends with what the process ends with', async () => {
    const program = open();
    program.process(0).ends(1);
    expect(await program.end).toBe(1);
    expect(program.listening.signals).toBe(false);
  });

  it('ends with a fault when the process is killed, or dies of one', async () => {
    const [killed, thrown] = [open(), open()];
    killed.process(0).ends(null, 'SIGKILL');
    thrown.process(0).ends(7);
    expect(await Promise.all([killed.end, thrown.end])).toEqual([70, 70]);
  });

  it('lets a process go on that had taken everything when the old one died', async () => {
    const program = open();
    const [first, second] = await program.come('taken');
    first.ends(null, 'SIGKILL');
    second.says({ kind: 'serving' });
    expect(second.heard).not.toContain('SIGKILL');
    expect(program.ended()).toBeUndefined();
    second.ends(0);
    expect(await program.end).toBe(0);
  });

  it('ends with the old process when the fresh one had not taken anything', async () => {
    const program = open();
    const [first, second] = await program.come('ready');
    first.ends(null, 'SIGSEGV');
    expect(second.heard.at(-1)).toBe('SIGKILL');
    second.ends(null, 'SIGKILL');
    expect(await program.end).toBe(70);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'passes %s on, and waits for who serves and who is leaving',
    async (which) => {
      const program = open();
      const [first, second] = await program.come('serving');
      program.signal(which);
      expect([first.heard.at(-1), second.heard.at(-1)]).toEqual([which, which]);
      second.ends(0);
      await Promise.resolve();
      expect(program.ended()).toBeUndefined();
      first.ends(0);
      expect(await program.end).toBe(0);
    },
  );

  it('gives up a fresh process when it is told to end, and starts none after that', async () => {
    const program = open();
    const [first, second] = await program.come('ready');
    program.signal('SIGTERM');
    expect(second.heard).toContain('SIGKILL');
    expect(first.heard.slice(-2)).toEqual([{ kind: 'refused', reason: 'This gateway is about to end.' }, 'SIGTERM']);
    first.says({ kind: 'succeed', wanted, limitMs: 1 });
    expect(program.started).toHaveLength(2);
  });

  it('lets SIGHUP reach who serves, and nobody else', async () => {
    const program = open();
    const [first, second] = await program.come('serving');
    program.signal('SIGHUP');
    expect(second.heard.at(-1)).toBe('SIGHUP');
    expect(first.heard).not.toContain('SIGHUP');
  });

  it('calls it no fault that a process which was told to end did so before it could hear', async () => {
    const program = open();
    program.signal('SIGTERM');
    program.process(0).ends(null, 'SIGTERM');
    expect(await program.end).toBe(0);
  });
});
