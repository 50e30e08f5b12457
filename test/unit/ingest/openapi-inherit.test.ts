/** What is written of schemas that others build upon: how their children are told apart. */
import { expect, it } from 'vitest';
import { directivesNamed } from '../../../gateway/lib/sdl.ts';
import { schemaOf } from './kit.ts';
import { integer, made, object, ref, string } from './made.ts';

const base = (mapping?: unknown): unknown => ({
  ...(object({ kind: string, owner: string }, ['kind', 'owner']) as object),
  discriminator: { propertyName: 'kind', mapping },
});
const child = (parent: string, properties: unknown, required: string[] = []): unknown => ({
  allOf: [ref(parent), object(properties, required)],
});

async function written(schemas: Record<string, unknown>, type = 'Thing') {
  const { astNode } = schemaOf(await made(schemas)).getType(type) ?? {};
  const [discriminator] = directivesNamed(astNode, 'discriminator');
  const [variants] = directivesNamed(astNode, 'variants');
  return { discriminator, members: variants?.['members'] };
}

it('the base asks for nothing, its children for what they require beyond it', async () => {
  const { discriminator, members } = await written({
    Thing: base(),
    Card: child('Thing', { number: string }, ['number', 'owner']),
    Note: child('Thing', { text: string }),
  });
  expect(discriminator).toMatchObject({ field: 'kind', otherwise: 'ThingBase' });
  expect(members).toEqual([
    { type: 'ThingBase', json: 'object' },
    { type: 'Card', json: 'object', required: ['number'] },
    { type: 'Note', json: 'object' },
  ]);
});

it('children of children name those they extend, and those with children stand for themselves', async () => {
  const level = { discriminator: { propertyName: 'level' } };
  const schemas = {
    Thing: base(),
    Card: { ...(child('Thing', { number: string, level: string }, ['number']) as object), ...level },
    Gold: child('Card', { tier: integer }, ['tier']),
  };
  expect((await written(schemas)).members).toEqual([
    { type: 'ThingBase', json: 'object' },
    { type: 'CardBase', json: 'object', required: ['number'] },
    { type: 'Gold', json: 'object', extends: ['CardBase'], required: ['number', 'tier'] },
  ]);
  expect((await written(schemas, 'Card')).members).toEqual([
    { type: 'CardBase', json: 'object' },
    { type: 'Gold', json: 'object', required: ['tier'] },
  ]);
});

it('values are those that the base does not have as well', async () => {
  const state = { enum: ['on', 'off'] };
  const { members } = await written({
    Thing: { allOf: [object({ state, size: { enum: ['s', 'm', 'l'] } })], ...(base() as object) },
    Card: child('Thing', { form: { const: 'card' }, size: { const: 's' }, state: { enum: ['off', 'on'] } }),
  });
  expect(members).toContainEqual({
    ...{ type: 'Card', json: 'object' },
    values: [
      ['size', ['s']],
      ['form', ['card']],
    ],
  });
});

it('what is only written is in no answer', async () => {
  const { members } = await written({
    Thing: base(),
    Card: child('Thing', { secret: { ...string, writeOnly: true }, number: string }, ['secret', 'number']),
  });
  expect(members).toContainEqual({ type: 'Card', json: 'object', required: ['number'] });
});

it('words are those that are mapped, else constants of the child alone, else its name', async () => {
  const { discriminator } = await written({
    Thing: base({ a: '#/components/schemas/A', b: 'A' }),
    A: child('Thing', { kind: { const: 'never' } }),
    B: child('Thing', { kind: { enum: ['b-1', 'b-2'] } }),
    'c-c': child('Thing', {}),
  });
  expect(discriminator?.['mapping']).toEqual([
    ['a', 'A'],
    ['b', 'A'],
    ['b-1', 'B'],
    ['b-2', 'B'],
    ['c-c', 'CC'],
  ]);
});

it('a child that adds nothing is the base', async () => {
  const { discriminator, members } = await written({
    Thing: base(),
    Card: child('Thing', { number: string }, ['number']),
    Same: { allOf: [ref('Thing')] },
  });
  expect(discriminator?.['mapping']).toEqual([['Card', 'Card']]);
  expect(members).toHaveLength(2);
});
