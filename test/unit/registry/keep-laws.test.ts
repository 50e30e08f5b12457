/** What holds of keeping, whatever a contract drops. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
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
import { breaking } from './keep-kit.ts';

const root = join(import.meta.dirname, '../../..');
const SINCE = '2026-11-29';

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
      expect(keepRemoved(old, kept, SINCE)).toBe(kept);
    }),
    { numRuns: 25 },
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
