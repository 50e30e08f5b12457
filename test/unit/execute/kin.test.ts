import { describe, expect, it } from 'vitest';
import { chooseKin } from '../../../gateway/execute/kin.ts';
import { readVariants } from '../../../gateway/execute/variants.ts';

const choose = (members: Record<string, unknown>[], value: unknown): string | undefined =>
  chooseKin(readVariants({ members: members.map((each) => ({ json: 'object', ...each })) }), 'Base', value);

const card = { type: 'Card', required: ['number'] };
const bank = { type: 'Bank', required: ['iban'], values: [['form', ['bank']]] };
const gold = { type: 'Gold', extends: ['Card'], required: ['number', 'tier'] };
const same = { type: 'Same', extends: ['Card'], required: ['number'] };
const narrow = { type: 'Narrow', extends: ['Few'], values: [['form', ['a']]] };
const few = { type: 'Few', values: [['form', ['a', 'b']]] };

describe('of children that a value shows', () => {
  it.each([
    ['the one that has all it requires is meant', [card, bank], { number: 1 }, 'Card'],
    ['null is not there', [card, bank], { number: null, iban: null }, 'Base'],
    ['none is the base', [card, bank], { owner: 1 }, 'Base'],
    ['several are no answer', [card, bank], { number: 1, iban: 2 }, undefined],
    ['one that is contradicted is out', [card, bank], { number: 1, iban: 2, form: 'x' }, 'Card'],
    ['the most derived is meant', [card, gold], { number: 1, tier: 2 }, 'Gold'],
    ['one with half of it is not', [card, gold], { tier: 2 }, 'Base'],
    ['one that shows nothing of its own gives way to what it extends', [card, same], { number: 1 }, 'Card'],
    [
      'one that asks for more than another, and has it, is closer',
      [card, { ...gold, extends: [] }],
      { number: 1, tier: 2 },
      'Gold',
    ],
    ['two that ask for the same are no answer', [card, { ...same, extends: [] }], { number: 1 }, undefined],
    ['a value tells where what is required is missing', [card, bank], { form: 'bank' }, 'Bank'],
    ['what is required tells before that', [card, bank], { form: 'bank', number: 1 }, 'Card'],
    ['narrower values are those of the derived one', [few, narrow], { form: 'a' }, 'Narrow'],
    ['wider ones are not', [few, narrow], { form: 'b' }, 'Few'],
    ['one that could have values but shows none is not', [few, narrow], { owner: 1 }, 'Base'],
    ['two that allow the same value are no answer', [few, { ...narrow, extends: [] }], { form: 'a' }, undefined],
    ['names that all objects have are not there', [{ type: 'Odd', required: ['constructor'] }], {}, 'Base'],
  ])('%s', (_title, members, value, expected) => {
    expect(choose(members, value)).toBe(expected);
  });
});
