/** What holds of keeping, whatever a contract drops; in SDL. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  buildSchema,
  type DocumentNode,
  type FieldDefinitionNode,
  type GraphQLObjectType,
  type InputValueDefinitionNode,
  Kind,
  parse,
  print,
  type TypeDefinitionNode,
  visit,
} from 'graphql';
import { expect, it } from 'vitest';
import { prune } from '../../../gateway/ingest/prune.ts';
import { isRootType, namedTypeOf, nullable } from '../../../gateway/lib/ast.ts';
import { printDefinitions } from '../../../gateway/lib/print-sdl.ts';
import { keepRemoved } from '../../../gateway/registry/keep/keep-removed.ts';
import { readText } from '../../../gateway/registry/keep/text.ts';
import { breaking, composed, fieldsOf } from './keep-kit.ts';

const root = join(import.meta.dirname, '../../..');
const SINCE = '2026-11-29';

it('an interface keeps a field that all who implement it keep, and one that came back implements what it can', () => {
  const field = 'a: Node @httpOperation(subgraph: "api", path: "/a", httpMethod: "GET")';
  const old = source(`type Query { ${field} b: Old @httpOperation(subgraph: "api", path: "/b", httpMethod: "GET") }
    interface Node { id: ID name: String } type A implements Node { id: ID name: String } type Old implements Node { id: ID name: String }`);
  const young = source(`type Query { ${field} } interface Node { id: ID } type A implements Node { id: ID }`);
  const kept = buildSchema(composed(keepRemoved(old, young)));
  expect(Object.keys(fieldsOf(kept.getType('Node')))).toEqual(['id', 'name']);
  expect((kept.getType('Old') as GraphQLObjectType).getInterfaces().map(({ name }) => name)).toEqual(['Node']);
  const other = source(
    `type Query { ${field} } interface Node { id: ID code: ID } type A implements Node { id: ID code: ID } type B implements Node { id: ID code: ID }`,
  );
  const apart = buildSchema(composed(keepRemoved(old, other)));
  expect(Object.keys(fieldsOf(apart.getType('Node')))).toEqual(['id', 'code']);
  expect((apart.getType('Old') as GraphQLObjectType).getInterfaces()).toEqual([]);
});

it('a value that is called otherwise and stands for the same on the wire is there already', () => {
  const named = (name: string): string =>
    source(
      `type Query { a: E @httpOperation(subgraph: "api", path: "/a", httpMethod: "GET") } enum E { ${name} @enum(subgraph: "api", value: "\\"x\\"") }`,
    );
  expect(keepRemoved(named('OLD'), named('NEW'))).toBe(named('NEW'));
});

it('of a GraphQL service nothing is kept: it refuses what it does not have', () => {
  const text = (fields: string): string =>
    `# source api 0\nextend schema @transport(subgraph: "api", kind: "graphql")\n\ntype Query {\n  ${fields}\n}\n`;
  expect(keepRemoved(text('a: Int b: Int'), text('a: Int'))).toBe(text('a: Int'));
});

it('whatever a contract drops that nobody had to give and that it never promised: the result composes, and nothing breaks', async () => {
  const texts = ['catalog', 'orders', 'gallery'].map((name) =>
    lenient(readFileSync(join(root, `schemas/${name}.graphql`), 'utf8')),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...texts.keys()), fc.infiniteStream(fc.nat(99)), async (index, dice) => {
      const old = texts[index] ?? '';
      const young = withLess(old, () => (dice.next().value ?? 0) < 15);
      const kept = keepRemoved(old, young, SINCE);
      expect(await breaking(old, kept)).toEqual([]);
      // What was kept before keeps its date.
      expect(keepRemoved(old, kept, '2027-01-01')).toBe(kept);
      expect(keepRemoved(kept, young, '2027-01-01')).toBe(kept);
    }),
    { numRuns: 15 },
  );
});

/** A text that promises no value and asks for none, but for the parameters of its paths. */
function lenient(text: string): string {
  const { header, transport, types } = readText(text);
  const isPath = (name: string): boolean => text.includes(`{arg: "${name}", name: "${name}", in: "path"`);
  const definitions = [...types.values()].map((type) =>
    visit(type, {
      FieldDefinition: (node) => ({ ...node, type: nullable(node.type) }),
      InputValueDefinition: (node) => (isPath(node.name.value) ? undefined : { ...node, type: nullable(node.type) }),
    }),
  );
  return `${header}\n${print(transport)}\n\n${printDefinitions({ kind: Kind.DOCUMENT, definitions })}\n`;
}

/** A text that lacks some of its fields, values and of what need not be given, and what nothing uses then. */
function withLess(text: string, drop: () => boolean): string {
  const { header, transport, types } = readText(text);
  const all: DocumentNode = { kind: Kind.DOCUMENT, definitions: [...types.values()] };
  const thinned = visit(all, {
    FieldDefinition: () => (drop() ? null : undefined),
    InputValueDefinition: ({ type }) => (type.kind !== Kind.NON_NULL_TYPE && drop() ? null : undefined),
    EnumValueDefinition: () => (drop() ? null : undefined),
  });
  return `${header}\n${print(transport)}\n\n${printDefinitions(prune(withoutEmpty(thinned)))}\n`;
}

/** Types that lost all they held go, and what is of them. */
function withoutEmpty(document: DocumentNode): DocumentNode {
  const isEmpty = (node: TypeDefinitionNode): boolean =>
    !isRootType(node) &&
    (('fields' in node && node.fields?.length === 0) || ('values' in node && node.values?.length === 0));
  const empty = new Set((document.definitions as TypeDefinitionNode[]).filter(isEmpty).map(({ name }) => name.value));
  if (empty.size === 0) return document;
  const uses = (node: FieldDefinitionNode | InputValueDefinitionNode): boolean =>
    empty.has(namedTypeOf(node.type).name.value) ||
    (node.kind === Kind.FIELD_DEFINITION &&
      (node.arguments ?? []).some(({ type }) => empty.has(namedTypeOf(type).name.value)));
  const definitions = (document.definitions as TypeDefinitionNode[]).filter(({ name }) => !empty.has(name.value));
  const smaller = visit(
    { ...document, definitions },
    {
      FieldDefinition: (node) => (uses(node) ? null : undefined),
      InputValueDefinition: (node) => (uses(node) ? null : undefined),
    },
  );
  return withoutEmpty(smaller);
}

function source(sdl: string): string {
  const document = parse(sdl, { noLocation: true });
  return `# source api 0\nextend schema @transport(subgraph: "api", kind: "rest")\n\n${printDefinitions(document)}\n`;
}
