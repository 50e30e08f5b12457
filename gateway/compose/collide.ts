import { type ASTNode, type ConstDirectiveNode, Kind, print, type TypeDefinitionNode, visit } from 'graphql';
import { namedTypeOf, withNamedType } from '../lib/ast.ts';
import { camelCase, pascalCase, uniqueName } from '../lib/names.ts';
import { nameNode, renameMembers } from '../lib/sdl.ts';
import { answerType, type SourceDocument } from './documents.ts';
import { followPath } from './paths.ts';

export type Renaming = { source: string; from: string; to: string; reason: string };

/** Unified names given before, from `schemas/names.lock.json`: source → own name → unified name. */
export type LockedTypes = ReadonlyMap<
  string,
  { types: Readonly<Record<string, string>>; fields: Readonly<Record<string, string>> }
>;

export type Placed = {
  sources: SourceDocument[];
  /** Types that several sources own together by `@merge`. */
  entities: Set<string>;
  renamed: Renaming[];
  /** Types that are one with the equal type of another source, by source: unified name → the source that had it first. */
  shared: Map<string, Map<string, string>>;
  /** source → own root field → unified root field (`Query.x`). */
  fieldNames: Map<string, Map<string, string>>;
  typeNames: Map<string, Map<string, string>>;
};

/**
 * Gives every type and root field its unified name. Types of the same name are one only when they are structurally equal or when
 * a source declares the type with `merge`; otherwise the later source's type gets the source's name in front, and so does everything
 * that would differ because of it. Sources that have locked names go first, so that a new source never takes a name away.
 */
export function placeNames(sources: readonly SourceDocument[], locked: LockedTypes): Placed {
  const ordered = [...sources].sort((a, b) => Number(locked.has(b.name)) - Number(locked.has(a.name)));
  const entities = new Set<string>(sources.flatMap(declaredEntities));
  const owned = new Map<string, TypeDefinitionNode>();
  const takenFields = new Set<string>();
  const result: Placed = {
    sources: [],
    entities: new Set(),
    renamed: [],
    shared: new Map(),
    fieldNames: new Map(),
    typeNames: new Map(),
  };
  const owners = new Map<string, string>();
  const placed = new Map<string, SourceDocument>();
  for (const source of ordered) {
    const types = typeNames(source, owned, entities, locked, result.renamed);
    const fields = fieldNames(source, takenFields, locked, result.renamed);
    const renamed = rename(source, types, fields);
    const shared = new Map<string, string>();
    for (const [name, node] of renamed.types) {
      const owner = owners.get(name);
      if (owner !== undefined && entities.has(name)) result.entities.add(name);
      else if (owner !== undefined && node.kind !== Kind.SCALAR_TYPE_DEFINITION) shared.set(name, owner);
      if (owner !== undefined) continue;
      owned.set(name, node);
      owners.set(name, source.name);
    }
    result.shared.set(source.name, shared);
    result.typeNames.set(source.name, types);
    result.fieldNames.set(source.name, fields);
    placed.set(source.name, renamed);
  }
  for (const { name } of sources) result.sources.push(placed.get(name) as SourceDocument);
  return result;
}

/** Types that a source declares to be shared: what its `merge` fields answer with, below `result` where there is one. */
function declaredEntities(source: SourceDocument): string[] {
  return Object.entries(source.policy.coordinates).flatMap(([coordinate, { merge }]) => {
    const answer = merge && answerType(source, coordinate);
    const rows = answer === undefined ? undefined : followPath(source.types, answer, merge?.result);
    return rows === undefined ? [] : [rows];
  });
}

function typeNames(
  source: SourceDocument,
  owned: ReadonlyMap<string, TypeDefinitionNode>,
  entities: ReadonlySet<string>,
  locked: LockedTypes,
  renamed: Renaming[],
): Map<string, string> {
  const apart = new Set<string>();
  for (const [name, node] of source.types) {
    const other = owned.get(name);
    if (other && !(entities.has(name) && other.kind === node.kind) && shape(other) !== shape(node)) apart.add(name);
  }
  // A type that is equal as written, but refers to one that stays apart, is not equal.
  for (let grew = true; grew; ) {
    grew = false;
    for (const [name, node] of source.types) {
      if (apart.has(name) || !owned.has(name) || entities.has(name)) continue;
      if (referenced(node).some((used) => apart.has(used))) {
        apart.add(name);
        grew = true;
      }
    }
  }
  const taken = new Set([...owned.keys(), ...source.types.keys()]);
  const names = new Map<string, string>();
  for (const name of source.types.keys()) {
    const before = locked.get(source.name)?.types[name];
    // A type that was kept apart and is declared shared now is to be one with the other.
    const free = before !== undefined && before !== name && !taken.has(before) && !entities.has(name);
    const keep = free ? before : undefined;
    if (keep !== undefined) taken.add(keep);
    const unified = keep ?? (apart.has(name) ? uniqueName(pascalCase(source.name) + name, taken) : name);
    names.set(name, unified);
    if (unified !== name)
      renamed.push({
        source: source.name,
        from: name,
        to: unified,
        reason: 'another source has a different type of this name',
      });
  }
  return names;
}

function fieldNames(
  source: SourceDocument,
  taken: Set<string>,
  locked: LockedTypes,
  renamed: Renaming[],
): Map<string, string> {
  const names = new Map<string, string>();
  for (const [root, fields] of source.roots) {
    for (const field of fields) {
      const name = field.name.value;
      const before = locked.get(source.name)?.fields[`${root}.${name}`];
      const wanted = before !== undefined && !taken.has(`${root}.${before}`) ? before : name;
      const free = taken.has(`${root}.${wanted}`) ? camelCase(source.name) + pascalCase(wanted) : wanted;
      const unified = uniqueName(`${root}.${free}`, taken).slice(root.length + 1);
      names.set(`${root}.${name}`, unified);
      if (unified !== name)
        renamed.push({
          source: source.name,
          from: `${root}.${name}`,
          to: unified,
          reason: 'another source has a root field of this name',
        });
    }
  }
  return names;
}

function rename(
  source: SourceDocument,
  types: ReadonlyMap<string, string>,
  fields: ReadonlyMap<string, string>,
): SourceDocument {
  const renamedTypes = new Map<string, TypeDefinitionNode>();
  for (const [name, node] of source.types) {
    const unified = types.get(name) ?? name;
    renamedTypes.set(unified, renameReferences({ ...node, name: nameNode(unified) } as TypeDefinitionNode, types));
  }
  const roots = new Map(
    [...source.roots].map(([root, list]) => [
      root,
      list.map((field) => ({
        ...renameReferences(field, types),
        name: nameNode(fields.get(`${root}.${field.name.value}`) ?? field.name.value),
      })),
    ]),
  );
  const links = source.links.map((node) => {
    const { name } = node;
    return { ...renameReferences(node, types), name: nameNode(types.get(name.value) ?? name.value) };
  });
  return { ...source, types: renamedTypes, roots, links };
}

function renameReferences<Node extends Parameters<typeof visit>[0]>(
  node: Node,
  types: ReadonlyMap<string, string>,
): Node {
  return visit(node, {
    NamedType: (used) => {
      const name = types.get(used.name.value);
      return name === undefined || name === used.name.value ? undefined : withNamedType(used, name);
    },
    Directive: (used) => renameMembers(used as ConstDirectiveNode, (name) => types.get(name) ?? name),
  }) as Node;
}

function referenced(node: TypeDefinitionNode): string[] {
  const names: string[] = [];
  visit(node, { NamedType: (used) => void names.push(namedTypeOf(used).name.value) });
  return names;
}

/** Directives that say nothing of a type's structure. */
const TEXTS = new Set(['deprecated', 'source']);

/**
 * What makes two types equal: everything but texts, the order of members and the source's name. Scalars of one name are one.
 */
function shape(node: TypeDefinitionNode): string {
  if (node.kind === Kind.SCALAR_TYPE_DEFINITION) return `scalar ${node.name.value}`;
  const bare = visit(node, {
    enter(inner) {
      if (inner.kind === Kind.ARGUMENT && inner.name.value === 'subgraph') return null;
      if (inner.kind === Kind.DIRECTIVE && TEXTS.has(inner.name.value)) return null;
      return 'description' in inner && inner.description ? { ...inner, description: undefined } : undefined;
    },
  });
  const { interfaces, fields, values, types } = bare as Partial<
    Record<'interfaces' | 'fields' | 'values' | 'types', readonly ASTNode[]>
  >;
  const members = [interfaces, fields, values, types].map((nodes) => (nodes ?? []).map(print).sort().join('\n'));
  return [bare.kind, bare.name.value, ...(bare.directives ?? []).map(print), ...members].join('\n');
}
