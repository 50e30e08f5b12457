import fc from 'fast-check';
import { type FieldNode, Kind, parse, type SelectionSetNode } from 'graphql';
import { describe, expect, it } from 'vitest';
import { type Measure, measureDocument } from '../../../gateway/validate/measure.ts';

const most = { fields: 100_000, depth: 1000, repeats: 1_000_000 };
const measure = (text: string) => measureDocument(parse(text), most);

/** The same numbers by opening every fragment wherever it is used: right, and slow. */
function slowly(text: string): Omit<Measure, 'directives' | 'cycle' | 'introspections' | 'valueDepth'> {
  const document = parse(text);
  const fragments = new Map(
    document.definitions.flatMap((each) =>
      each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each.selectionSet] as const] : [],
    ),
  );
  const operation = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  const reached = new Set<string>();
  const fieldsOf = (set: SelectionSetNode): FieldNode[] =>
    set.selections.flatMap((node) => {
      if (node.kind === Kind.FIELD) return [node];
      if (node.kind === Kind.INLINE_FRAGMENT) return fieldsOf(node.selectionSet);
      reached.add(node.name.value);
      return fieldsOf(fragments.get(node.name.value) as SelectionSetNode);
    });
  let [depth, aliases, fields] = [0, 0, 0];
  const walk = (set: SelectionSetNode, level: number): void => {
    for (const field of fieldsOf(set)) {
      fields += 1;
      if (field.alias) aliases += 1;
      depth = Math.max(depth, level);
      if (field.selectionSet) walk(field.selectionSet, level + 1);
    }
  };
  const root = operation?.selectionSet as SelectionSetNode;
  walk(root, 1);
  let repeats = 0;
  // Fields and fragments of one place come together; a fragment is opened once there.
  const merge = (sets: readonly SelectionSetNode[]): void => {
    const places = new Map<string, FieldNode[]>();
    const opened = new Set<string>();
    const gather = (set: SelectionSetNode): void => {
      const spreads: string[] = [];
      const collect = (inner: SelectionSetNode): void => {
        for (const node of inner.selections) {
          if (node.kind === Kind.INLINE_FRAGMENT) collect(node.selectionSet);
          else if (node.kind === Kind.FRAGMENT_SPREAD) spreads.push(node.name.value);
          else {
            const key = node.alias?.value ?? node.name.value;
            repeats += places.get(key)?.length ?? 0;
            places.set(key, [...(places.get(key) ?? []), node]);
          }
        }
      };
      collect(set);
      for (const name of spreads) {
        if (opened.has(name)) continue;
        repeats += opened.size;
        opened.add(name);
        gather(fragments.get(name) as SelectionSetNode);
      }
    };
    sets.forEach(gather);
    for (const same of places.values()) merge(same.flatMap(({ selectionSet }) => selectionSet ?? []));
  };
  const counts = [root, ...[...fragments].flatMap(([name, set]) => (reached.has(name) ? [] : [set]))].map((set) => {
    repeats = 0;
    merge([set]);
    return repeats;
  });
  repeats = Math.max(...counts);
  return { depth, aliases, fields, rootFields: fieldsOf(root).length, repeats };
}

/** Documents whose fragments use only later ones. */
const documents = fc
  .array(fc.array(fc.tuple(fc.nat(6), fc.nat(3)), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 })
  .map((definitions) => {
    const body = (index: number): string =>
      definitions[index]
        ?.map(([kind, name]) => {
          const below =
            index + 1 < definitions.length ? `...F${index + 1 + (name % (definitions.length - index - 1))}` : 'z';
          const field = 'abcd'[name] ?? 'a';
          return [
            field,
            `${field}: q`,
            `${field} { ${below} }`,
            below,
            `... { ${field} ${below} }`,
            `x${name}: ${field} { b ${below} }`,
            `${field} { b b }`,
          ][kind];
        })
        .join(' ') ?? '';
    const fragments = definitions.slice(1).map((_, index) => `fragment F${index + 1} on T { ${body(index + 1)} }`);
    return [`{ ${body(0)} }`, ...fragments].join(' ');
  });

describe('the measure of a document', () => {
  it('is what opening every fragment gives', () => {
    fc.assert(
      fc.property(documents, (text) => {
        const { directives: _, cycle, introspections, valueDepth, ...measured } = measure(text);
        expect([cycle, introspections, valueDepth]).toEqual([undefined, 0, 0]);
        expect(measured).toEqual(slowly(text));
      }),
    );
  });

  it.each([
    ['{ a }', { depth: 1, aliases: 0, rootFields: 1, fields: 1, directives: 0, repeats: 0 }],
    [
      '{ a: b { c: d } ... @include(if: true) { e @skip(if: false) } }',
      { depth: 2, aliases: 2, rootFields: 2, fields: 3, directives: 2, repeats: 0 },
    ],
    [
      'query A { a } query B { a { b } c }',
      { depth: 2, aliases: 0, rootFields: 2, fields: 3, directives: 0, repeats: 0 },
    ],
    ['{ a a a }', { depth: 1, aliases: 0, rootFields: 3, fields: 3, directives: 0, repeats: 3 }],
    ['{ ...Nothing }', { depth: 0, aliases: 0, rootFields: 0, fields: 0, directives: 0, repeats: 0 }],
    [
      '{ a } fragment Unused on T { b: c { d } }',
      { depth: 1, aliases: 0, rootFields: 1, fields: 1, directives: 0, repeats: 0 },
    ],
  ])('of %s', (text, measured) => {
    expect(measure(text)).toEqual({ ...measured, introspections: 0, valueDepth: 0, cycle: undefined });
  });

  it.each([
    ['{ ...F } fragment F on T { a ...F }', 'F'],
    ['{ ...F } fragment F on T { a { ...G } } fragment G on T { b { ...F } c { ...F } }', 'F'],
    ['{ a } fragment F on T { a { ...F ...F } }', 'F'],
    ['{ ...F } fragment F on T { a { ...G } ...G } fragment G on T { b }', undefined],
  ])('of %s knows what uses itself', (text, cycle) => {
    expect(measure(text).cycle).toBe(cycle);
  });

  it.each([
    ['{ __schema { types { name } } __typename }', 1],
    ['{ a: __type(name: "A") { name } b: __type(name: "B") { fields { name } } }', 2],
    ['{ __schema { a: types { name } b: types { x: fields { name } } } types { a: fields } }', 4],
    [
      '{ __schema { ...F } } fragment F on __Schema { a: types { name } ... on __Schema { b: directives { name } } }',
      3,
    ],
  ])('of %s counts the questions about the schema', (text, introspections) => {
    expect(measure(text).introspections).toBe(introspections);
  });

  it('knows how deep values are', () => {
    expect(measure('query ($x: [I] = [{ a: [1] }]) { a(x: [[1], { b: { c: [] } }]) b }').valueDepth).toBe(4);
  });

  it('counts the pairs of fragments that nobody uses, as validation compares them', () => {
    expect(measure('{ a } fragment F on T { b b b }').repeats).toBe(3);
  });

  it('of fragments that multiply is a number, not the work', () => {
    const levels = 60;
    const fragments = Array.from(
      { length: levels },
      (_, n) => `fragment F${n} on T { a { ...F${n + 1} } b { ...F${n + 1} } }`,
    );
    const measured = measure(`{ ...F0 } ${fragments.join(' ')} fragment F${levels} on T { c }`);
    expect(measured.fields).toBeGreaterThan(2 ** 60);
    expect(measured.depth).toBe(levels + 1);
  });

  it('stops counting pairs when there are too many', () => {
    const deep = (n: number): string => (n === 0 ? 'a' : `a { ${deep(n - 1)} } `.repeat(3));
    expect(measureDocument(parse(`{ ${deep(6)} }`), { ...most, repeats: 10 }).repeats).toBeLessThan(200);
  });
});
