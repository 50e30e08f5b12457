/** Whether every type of a contract stands in the unified schema as the contract has it, whatever types of that name others have. */
import { type DefinitionNode, type DocumentNode, Kind, parse, print, type TypeNode, visit } from 'graphql';
import type { Unified } from '../../gateway/compose/unify.ts';
import type { Ingested } from '../../gateway/ingest/index.ts';

type Source = Pick<Ingested, 'name' | 'text'>;

const ROOTS = new Set(['Query', 'Mutation', 'Subscription']);

/** Coordinates (`Type`, `Type.field`) of a source that the unified schema lacks or has otherwise. */
export function findClobbered(
  { name: source, text }: Source,
  unified: Pick<Unified, 'publicText' | 'names'>,
): string[] {
  const typeNames = unified.names.types.get(source) ?? new Map<string, string>();
  const fieldNames = unified.names.fields.get(source) ?? new Map<string, string>();
  const there = membersByType(parse(unified.publicText, { noLocation: true }), new Map());
  const own = membersByType(parse(text, { noLocation: true }), typeNames);
  return [...own].flatMap(([type, members]) => {
    const name = typeNames.get(type) ?? type;
    const found = there.get(name);
    if (found === undefined) return [type];
    const isRoot = ROOTS.has(type);
    return [...members].flatMap(([member, signature]) => {
      const unifiedName = isRoot ? (fieldNames.get(`${type}.${member}`) ?? member) : member;
      return found.get(unifiedName) === signature ? [] : [`${type}.${member}`];
    });
  });
}

/** How many names of types more than one source has. */
export function findShared(sources: readonly Source[]): number {
  const counts = new Map<string, number>();
  for (const { text } of sources) {
    for (const [name, members] of membersByType(parse(text, { noLocation: true }), new Map())) {
      if (!ROOTS.has(name) && members.size > 0) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return [...counts.values()].filter((count) => count > 1).length;
}

/** Type → member → what can be seen of it: `(arg: Type): Type` of a field, nothing more of an enum value or a union's member. */
function membersByType(document: DocumentNode, names: ReadonlyMap<string, string>): Map<string, Map<string, string>> {
  const types = new Map<string, Map<string, string>>();
  for (const node of document.definitions) {
    if (!('name' in node) || node.name === undefined || node.kind === Kind.DIRECTIVE_DEFINITION) continue;
    types.set(node.name.value, membersOf(node, names));
  }
  return types;
}

function membersOf(node: DefinitionNode, names: ReadonlyMap<string, string>): Map<string, string> {
  const shown = (type: TypeNode): string => print(renamed(type, names));
  const members = new Map<string, string>();
  if ('fields' in node) {
    for (const field of node.fields ?? []) {
      const args = 'arguments' in field ? (field.arguments ?? []) : [];
      const signature = args.map(({ name, type }) => `${name.value}: ${shown(type)}`).sort();
      members.set(field.name.value, `(${signature.join(', ')}): ${shown(field.type)}`);
    }
  }
  if ('values' in node) for (const { name } of node.values ?? []) members.set(name.value, '');
  if ('types' in node) for (const type of node.types ?? []) members.set(shown(type), '');
  return members;
}

function renamed(type: TypeNode, names: ReadonlyMap<string, string>): TypeNode {
  return visit(type, {
    NamedType: (node) => {
      const name = names.get(node.name.value);
      return name === undefined ? undefined : { ...node, name: { ...node.name, value: name } };
    },
  });
}
