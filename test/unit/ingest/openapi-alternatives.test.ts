/** What lists of alternatives become; what peers' users met is named after the peers' issues. */
import { isInputObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { schemaOf, signatures } from './kit.ts';
import { integer, made, members, object, ref, string, thing } from './made.ts';

describe('alternatives', () => {
  const cat = object({ kind: string, purr: string }, ['kind']);
  const dog = object({ kind: string, bark: string }, ['kind']);
  const either = { oneOf: [ref('pet-cat'), ref('pet-dog')] };

  it('mesh#7440 with dashes in their values and names, mesh#9095 also where nothing is mapped', async () => {
    const Thing = object({ pet: { ...either, discriminator: { propertyName: 'kind' } } });
    const result = await made({ Thing, 'pet-cat': cat, 'pet-dog': dog });
    expect(members(result, 'ThingPet')).toEqual(['PetCat', 'PetDog']);
    expect(result.text).toContain('mapping: [["pet-cat", "PetCat"], ["pet-dog", "PetDog"]]');
  });

  it('mesh#7561 mapped by reference, by name and by a path', async () => {
    const mapping = { a: '#/components/schemas/pet-cat', b: 'pet-dog', c: '../components/schemas/pet-dog' };
    const Thing = object({ pet: { ...either, discriminator: { propertyName: 'kind', mapping } } });
    const result = await made({ Thing, 'pet-cat': cat, 'pet-dog': dog });
    expect(result.text).toContain('mapping: [["a", "PetCat"], ["b", "PetDog"], ["c", "PetDog"]]');
  });

  it('mesh#9288 of a form are told apart by what is mapped', async () => {
    const schema = {
      ...either,
      discriminator: { propertyName: 'kind', mapping: { cat: '#/components/schemas/pet-cat' } },
    };
    const form = {
      post: {
        operationId: 'send',
        requestBody: { content: { 'application/x-www-form-urlencoded': { schema } } },
        responses: { '204': { description: 'ok' } },
      },
    };
    const result = await made({ ...thing({ a: string }), 'pet-cat': cat, 'pet-dog': dog }, { '/form': form });
    const input = schemaOf(result).getType('SendInput');
    expect(isInputObjectType(input) && input.isOneOf).toBe(true);
    expect(signatures(schemaOf(result), 'SendInput')).toEqual(['petCat: PetCatInput', 'petDog: PetDogInput']);
    expect(result.text).toContain('petCat: PetCatInput @resolveRoot(subgraph: "api", set: [["kind", "\\"cat\\""]])');
  });

  it('that are lists of alternatives themselves count as their members', async () => {
    const result = await made({
      Thing: object({ pet: { oneOf: [ref('Inner'), ref('C')] } }),
      Inner: { oneOf: [ref('A'), ref('B')] },
      A: object({ a: string }, ['a']),
      B: object({ b: string }, ['b']),
      C: object({ c: string }, ['c']),
    });
    expect(members(result, 'ThingPet')).toEqual(['A', 'B', 'C']);
  });

  it('beside properties have them too', async () => {
    const Thing = {
      ...(object({ id: string }, ['id']) as object),
      oneOf: [
        { title: 'Left', properties: { l: string }, required: ['l'] },
        { title: 'Right', properties: { r: string }, required: ['r'] },
      ],
    };
    const result = await made({ Thing });
    expect(members(result, 'Thing')).toEqual(['ThingLeft', 'ThingRight']);
    expect(signatures(schemaOf(result), 'ThingLeft')).toEqual(['id: String', 'l: String']);
  });

  it('that only say which properties stand together make no type', async () => {
    const Thing = {
      ...(object({ a: string, b: string }) as object),
      anyOf: [{ required: ['a'] }, { required: ['b'] }],
    };
    expect(signatures(schemaOf(await made({ Thing })), 'Thing')).toEqual(['a: String', 'b: String']);
  });

  it('that no answer could be told apart by are one type with the fields of all, and the report says so', async () => {
    const Thing = object({ p: { oneOf: [ref('A'), ref('B')] } });
    const result = await made({ Thing, A: object({ a: string, s: string }), B: object({ b: integer, s: string }) });
    expect(signatures(schemaOf(result), 'ThingP')).toEqual(['a: String', 'b: Int', 's: String']);
    expect(result.report.notes).toEqual([
      expect.objectContaining({ pointer: '/components/schemas/Thing/properties/p' }),
    ]);
  });

  it('of anyOf with constants of their own stay apart, and inputs send the constant of the one that is given', async () => {
    const form = (value: string, own: string): unknown =>
      object({ object: { const: value }, [own]: string }, ['object']);
    const result = await made({ Thing: object({ p: { anyOf: [form('card', 'number'), form('account', 'iban')] } }) });
    expect(members(result, 'ThingP')).toEqual(['ThingPCard', 'ThingPAccount']);
    expect(signatures(schemaOf(result), 'ThingPInput')).toEqual([
      'account: ThingPAccountInput',
      'card: ThingPCardInput',
    ]);
  });

  it('free-form ones do not hide the others', async () => {
    const result = await made({
      Thing: object({ p: { anyOf: [ref('A'), { type: 'object' }] } }),
      A: object({ a: string }, ['a']),
    });
    expect(members(result, 'AOrJSON')).toEqual(['A', 'JSONValue']);
  });

  it('that others are built upon stand for all of those', async () => {
    const result = await made({
      Thing: object({ p: { oneOf: [ref('Parent'), ref('Apart')] } }),
      Parent: { ...(object({ kind: string }, ['kind']) as object), discriminator: { propertyName: 'kind' } },
      Child: { allOf: [ref('Parent'), object({ c: string })] },
      Apart: object({ far: string }, ['far']),
    });
    expect(members(result, 'ApartOrParent').sort()).toEqual(['Apart', 'Child', 'ParentBase']);
  });
});
