import { describe, expect, it } from 'vitest';
import { createUnchanged, isConstant } from '../../../gateway/connect/unchanged.ts';

const LONG = 'x'.repeat(300);

/** Reads an answer as a connector does. @returns what it made, and how often it had to read */
function prepare(maxBytes = 1_000_000) {
  const open = createUnchanged(maxBytes);
  const [own, other] = [open(), open()];
  let made = 0;
  const ask = (key: string, text: string, source = own): { text: string } =>
    source.read(key, Buffer.from(text), () => {
      made += 1;
      return { text };
    });
  return { ask, other, made: () => made };
}

describe('an answer that comes again', () => {
  it('byte for byte is kept by the second time, and given again from the third', () => {
    const { ask, made } = prepare();
    const [first, second, third, fourth] = [ask('a', LONG), ask('a', LONG), ask('a', LONG), ask('a', LONG)];
    expect(made()).toBe(2);
    expect([first === second, second === third, third === fourth]).toEqual([false, true, true]);
    expect([isConstant(first), isConstant(second)]).toEqual([false, true]);
  });

  it('as something else is read, whatever was there before', () => {
    const { ask } = prepare();
    for (let times = 0; times < 3; times += 1) ask('a', LONG);
    expect(ask('a', `${LONG}.`)).toEqual({ text: `${LONG}.` });
    const changed = `${LONG.slice(1)}y`;
    expect(ask('a', changed)).toEqual({ text: changed });
    expect(ask('a', changed)).toBe(ask('a', changed));
  });

  it('for another question, or from another source, is another one', () => {
    const { ask, other } = prepare();
    for (let times = 0; times < 2; times += 1) ask('a', LONG);
    const kept = ask('a', LONG);
    expect(ask('b', LONG)).not.toBe(kept);
    expect(ask('a', LONG, other)).not.toBe(kept);
  });

  it('in a buffer that is written over is still what it was', () => {
    const source = createUnchanged(1_000_000)();
    const network = Buffer.from(LONG);
    for (let times = 0; times < 2; times += 1) source.read('a', network, () => ({ text: network.toString() }));
    network.fill('y');
    expect(source.read('a', network, () => ({ text: network.toString() }))).toEqual({ text: 'y'.repeat(300) });
  });

  it('and cannot be read fails each time', () => {
    const source = createUnchanged(1_000_000)();
    const read = () =>
      source.read('a', Buffer.from(LONG), () => {
        throw new SyntaxError('no JSON');
      });
    for (let times = 0; times < 3; times += 1) expect(read).toThrow('no JSON');
  });

  it('and is short, or no object, is read each time', () => {
    const { ask, made } = prepare();
    for (let times = 0; times < 4; times += 1) ask('a', 'short');
    expect(made()).toBe(4);
    const source = createUnchanged(1_000_000)();
    for (let times = 0; times < 4; times += 1) expect(source.read('a', Buffer.from(LONG), () => null)).toBeNull();
  });
});

describe('the memory for them', () => {
  it('is bounded: those not asked for longest go first', () => {
    const { ask, made } = prepare(1000);
    for (const key of ['a', 'a', 'b', 'b', 'c', 'c', 'd', 'd']) ask(key, LONG);
    const before = made();
    expect([ask('d', LONG), ask('a', LONG)].length).toBe(2);
    expect(made() - before).toBe(1);
  });

  it('is for what is asked again: a thousand questions asked once drive nothing out', () => {
    const { ask, made } = prepare(2000);
    for (let times = 0; times < 2; times += 1) ask('a', LONG);
    for (let index = 0; index < 1000; index += 1) ask(`once ${index}`, LONG);
    const before = made();
    ask('a', LONG);
    expect(made()).toBe(before);
  });

  it('is none where it is switched off', () => {
    const { ask, made } = prepare(0);
    for (let times = 0; times < 4; times += 1) ask('a', LONG);
    expect(made()).toBe(4);
  });
});
