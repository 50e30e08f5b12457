import { isInputObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createInputMapper, wireArguments } from '../../../gateway/connect/input.ts';
import { schemaOf } from './kit.ts';

const schema = schemaOf(/* GraphQL */ `
  input Plain { a: Int, self: Plain, many: [[Plain]] }
  input Tree {
    nodeName: String @resolveRootField(subgraph: "other", field: "elsewhere") @resolveRootField(subgraph: "shop", field: "node_name")
    children: [Tree!]
    twin: Twin
    plain: Plain
  }
  input Twin { tree: Tree }
  input Entry { key: String!, value: Int }
  input Open { id: String, others: [Entry!] @dictionary(subgraph: "shop", rest: true), map: [Entry!] @dictionary(subgraph: "shop") }
  input Numbers { n: Int64, list: [Int64], inner: Numbers }
  type Query { find(by: Plain @resolveRootField(subgraph: "shop", field: "criteria"), limit: Int): Int }
`);

function typeOf(name: string) {
  const type = schema.getType(name);
  if (!isInputObjectType(type)) throw new Error(`no input ${name}`);
  return type;
}

describe('an input mapper', () => {
  it('renames at any depth, in lists and in types that hold each other', () => {
    const map = createInputMapper(typeOf('Tree'), 'shop');
    expect(
      map({
        nodeName: 'a',
        children: [{ nodeName: 'b', children: [] }],
        twin: { tree: { nodeName: 'c', twin: null } },
        plain: { a: 1 },
      }),
    ).toEqual({
      node_name: 'a',
      children: [{ node_name: 'b', children: [] }],
      twin: { tree: { node_name: 'c', twin: null } },
      plain: { a: 1 },
    });
  });

  it('leaves out what is undefined and keeps null', () => {
    const mapped = createInputMapper(typeOf('Tree'), 'shop')({ nodeName: undefined, children: null });
    expect(Object.entries(mapped as object)).toEqual([['children', null]]);
    expect(createInputMapper(typeOf('Tree'), 'shop')(null)).toBeNull();
  });

  it('makes maps of entries, and refuses keys that are given twice or are fields of their own', () => {
    const map = createInputMapper(typeOf('Open'), 'shop');
    const entry = (key: string, value = 1): unknown => ({ key, value });
    const sent = map({ id: 'x', others: [entry('a'), entry('__proto__', 2)], map: [entry('id', 3)] }) as object;
    expect(JSON.stringify(sent)).toBe('{"id":"x","a":1,"__proto__":2,"map":{"id":3}}');
    expect(Object.getPrototypeOf(sent)).toBe(Object.prototype);
    expect(() => map({ others: [entry('id')] })).toThrow('is a field of its own');
    expect(() => map({ map: [entry('a'), entry('a')] })).toThrow('is given twice');
  });

  it('goes by the names of its own source', () => {
    expect(createInputMapper(typeOf('Tree'), 'other')({ nodeName: 1 })).toEqual({ elsewhere: 1 });
  });

  it('hands back the value itself where nothing differs', () => {
    const value = { a: 1, self: { a: 2 }, many: [[{ a: 3 }]] };
    expect(createInputMapper(typeOf('Plain'), 'shop')(value)).toBe(value);
    const tree = { nodeName: 1 };
    expect(createInputMapper(typeOf('Tree'), 'third')(tree)).toBe(tree);
  });

  it('changes leaves by their type where it is told to', () => {
    const map = createInputMapper(typeOf('Numbers'), 'shop', ({ name }) => (name === 'Int64' ? Number : undefined));
    expect(map({ n: '1', list: ['2', null], inner: { n: '3' } })).toEqual({ n: 1, list: [2, null], inner: { n: 3 } });
  });
});

it('arguments are known by their names on the wire', () => {
  const field = schema.getQueryType()?.getFields()['find'];
  if (!field) throw new Error('no field');
  expect([...wireArguments(field, 'shop')].map(([wire, { name }]) => [wire, name])).toEqual([
    ['criteria', 'by'],
    ['limit', 'limit'],
  ]);
});
