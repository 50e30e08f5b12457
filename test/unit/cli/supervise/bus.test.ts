/** Word between processes that serve side by side: who hears it, who is asked, and for whom nobody waits. */
import { describe, expect, it } from 'vitest';
import { openSideBySide, serveTogether, type Worker } from './side-by-side.ts';

const at = (workers: readonly Worker[], index: number): Worker => {
  const found = workers[index];
  if (!found) throw new Error(`there is no worker at ${index}`);
  return found;
};

describe('word between workers', () => {
  it('reaches all others, and not who said it', () => {
    const { workers } = serveTogether(3);
    const heard: string[] = [];
    for (const [index, { bus }] of workers.entries())
      bus.channel('look').onWord((why) => void heard.push(`${index + 1}: ${why}`));
    at(workers, 1).bus.channel('look').tell('because');
    expect(heard).toEqual(['1: because', '3: because']);
  });

  it('reaches those that are about to serve, and those that finish what they have, but nobody waits for their answers', async () => {
    const side = serveTogether(2);
    const starting = side.start(3);
    const heard: string[] = [];
    for (const [name, { bus }] of [
      ['second', at(side.workers, 1)],
      ['starting', starting],
    ] as const)
      bus.channel('answersDropped').onWord((tags) => void heard.push(`${name} ${tags}`));
    const { answers, isWhole } = await at(side.workers, 0).bus.channel('answersDropped').ask(['t'], 50);
    expect(heard).toEqual(['second t', 'starting t']);
    expect([answers, isWhole]).toEqual([[{ worker: 2, answer: undefined }], true]);
  });

  it('is answered by each, with its number', async () => {
    const { workers, timers } = serveTogether(3);
    for (const [index, { bus }] of workers.entries()) bus.channel('breakers').onWord(async () => [status(index + 1)]);
    const { answers, isWhole } = await at(workers, 2).bus.channel('breakers').ask(null, 50);
    expect(answers).toEqual([1, 2].map((worker) => ({ worker, answer: [status(worker)] })));
    expect([isWhole, timers.size]).toEqual([true, 0]);
  });

  it('is whole at once for one that is alone', async () => {
    const { workers } = serveTogether(1);
    expect(await at(workers, 0).bus.channel('look').ask('x', 50)).toEqual({ answers: [], isWhole: true });
  });

  it('waits no longer than told for one that is busy, and takes no answer that comes later', async () => {
    const { workers, timers } = serveTogether(3);
    let answer: (value: never[]) => void = () => undefined;
    at(workers, 1)
      .bus.channel('recorded')
      .onWord(() => new Promise((resolve) => (answer = resolve)));
    at(workers, 2)
      .bus.channel('recorded')
      .onWord(() => []);
    const asked = at(workers, 0).bus.channel('recorded').ask(null, 50);
    await new Promise(setImmediate);
    const [timer] = timers;
    expect(timer?.ms).toBe(50);
    timer?.then();
    answer([]);
    expect(await asked).toEqual({ answers: [{ worker: 3, answer: [] }], isWhole: false });
  });

  it('does not wait for one that has ended', async () => {
    const side = serveTogether(2);
    at(side.workers, 1).isDeaf = true;
    const asked = at(side.workers, 0).bus.channel('look').ask('x', 50);
    side.gone(at(side.workers, 1));
    expect(await asked).toEqual({ answers: [], isWhole: true });
  });

  it('is left without an answer where what was asked fails', async () => {
    const { workers, timers } = serveTogether(2);
    at(workers, 1)
      .bus.channel('look')
      .onWord(() => {
        throw new Error('no');
      });
    const asked = at(workers, 0).bus.channel('look').ask('x', 50);
    for (const { then } of timers) then();
    expect((await asked).isWhole).toBe(false);
  });

  it('to the supervisor is answered by it', async () => {
    const { workers } = serveTogether(2, async (topic, body) => [topic, body]);
    const answers = await Promise.all(workers.map(({ bus }, index) => bus.desk.ask('take', index)));
    expect(answers).toEqual([
      ['take', 0],
      ['take', 1],
    ]);
  });
});

describe('who serves', () => {
  it('is told to everybody with each change; the first worker that serves leads', () => {
    const side = openSideBySide();
    const [first, second] = [side.start(1), side.start(2)];
    expect(first.bus.standing()).toMatchObject({ self: { worker: 1 }, others: [], leads: false });
    side.up(second);
    expect([first, second].map(({ bus }) => bus.standing().leads)).toEqual([false, true]);
    side.up(first);
    expect([first, second].map(({ bus }) => bus.standing().leads)).toEqual([true, false]);
    expect(first.bus.standing().others).toMatchObject([{ worker: 2 }]);
    side.gone(first);
    expect(second.bus.standing()).toMatchObject({ others: [], leads: true });
    expect(second.standings.map(({ leads }) => leads)).toEqual([false, true, false, true]);
  });
});

function status(calls: number) {
  return { source: 's', operation: 'o', automatic: true, state: 'closed' as const, calls, failures: 0 };
}
