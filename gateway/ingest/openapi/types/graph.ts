/** The types of one contract while they are made: each under a key that says where it comes from, named only when all are known. */
import {
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type NamedTypeNode,
  type ObjectTypeDefinitionNode,
  print,
  type TypeDefinitionNode,
  type TypeNode,
  visit,
} from 'graphql';
import { addTo } from '../../../lib/multi-map.ts';
import { uniqueName } from '../../../lib/names.ts';
import { nameNode, renameMembers } from '../../../lib/sdl.ts';
import { breakInputCycles } from './cycles.ts';

/** Names of one rank are given in the order of the alphabet: names that the contract wrote, then their inputs, then made ones. */
export type Rank = 'root' | 'written' | 'input' | 'made' | 'derived';
const RANKS: readonly Rank[] = ['root', 'written', 'input', 'made', 'derived'];

export type Wanted = string | ((nameOf: (key: string) => string) => string);

export type TypeEntry = {
  key: string;
  wanted: Wanted;
  rank: Rank;
  /** Makes the definition; other types stand in it by their keys. The name is filled in later. */
  build: () => TypeDefinitionNode;
};

export type TypeGraph = {
  /** Adds a type unless it is there already, and gives its key back. */
  add(entry: TypeEntry): string;
  has(key: string): boolean;
  /** Builds everything that was added, and what that adds, then names it. */
  finish(reserved: Iterable<string>): Finished;
};

export type Finished = {
  definitions: TypeDefinitionNode[];
  nameOf: (key: string) => string;
  /** Keys of inputs of which a required field became optional. */
  relaxed: string[];
};

const MAX_TYPES = 50_000;

export function createTypeGraph(onFault: (key: string, error: unknown) => TypeDefinitionNode): TypeGraph {
  const entries = new Map<string, TypeEntry>();
  const waiting: TypeEntry[] = [];
  return {
    add(entry) {
      if (!entries.has(entry.key)) {
        if (entries.size >= MAX_TYPES) throw new RangeError(`more than ${MAX_TYPES} types`);
        entries.set(entry.key, entry);
        waiting.push(entry);
      }
      return entry.key;
    },
    has: (key) => entries.has(key),
    finish(reserved) {
      const built = new Map<string, TypeDefinitionNode>();
      for (let entry = waiting.pop(); entry; entry = waiting.pop()) {
        try {
          built.set(entry.key, entry.build());
        } catch (error) {
          built.set(entry.key, onFault(entry.key, error));
        }
      }
      dropAbsentInterfaces(built);
      settleInterfaces(built);
      spreadInterfaces(built);
      const relaxed = breakInputCycles(built);
      const names = giveNames([...entries.values()], reserved);
      const nameOf = (key: string): string => names.get(key) ?? key;
      return { nameOf, relaxed, definitions: [...built].map(([key, node]) => renamed(node, key, nameOf)) };
    },
  };
}

function giveNames(entries: readonly TypeEntry[], reserved: Iterable<string>): Map<string, string> {
  const taken = new Set(reserved);
  const names = new Map<string, string>();
  const derived = new Map(entries.filter(({ rank }) => rank === 'derived').map((entry) => [entry.key, entry]));
  const wish = ({ key, wanted }: TypeEntry, asking: ReadonlySet<string>): string =>
    // A name may be made of another made one; in a circle its key stands for it.
    typeof wanted === 'string' ? wanted : wanted((other) => nameOf(other, new Set([...asking, key])));
  const nameOf = (key: string, asking: ReadonlySet<string>): string => {
    const entry = derived.get(key);
    return names.get(key) ?? (entry && !asking.has(key) ? wish(entry, asking) : key.replace(/\W/g, ''));
  };
  for (const rank of RANKS) {
    const wishes = entries
      .filter((entry) => entry.rank === rank)
      .map((entry) => ({ key: entry.key, name: wish(entry, new Set()) }));
    wishes.sort((a, b) => compare(a.name, b.name) || compare(a.key, b.key));
    for (const { key, name } of wishes) names.set(key, uniqueName(name, taken));
  }
  return names;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function renamed(node: TypeDefinitionNode, key: string, nameOf: (key: string) => string): TypeDefinitionNode {
  const inner = visit(node, {
    NamedType: (used): NamedTypeNode | undefined => {
      const name = nameOf(used.name.value);
      return name === used.name.value ? undefined : { ...used, name: nameNode(name) };
    },
    Directive: (used) => renameMembers(used as ConstDirectiveNode, nameOf),
  });
  return { ...inner, name: nameNode(nameOf(key)) };
}

/** A parent that nothing answers with is no interface of the schema. */
function dropAbsentInterfaces(built: Map<string, TypeDefinitionNode>): void {
  for (const [key, node] of built) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION || !node.interfaces) continue;
    const interfaces = node.interfaces.filter(
      ({ name }) => built.get(name.value)?.kind === Kind.INTERFACE_TYPE_DEFINITION,
    );
    built.set(key, { ...node, interfaces });
  }
}

/**
 * An interface keeps the fields that all who implement it have with one type: contracts let a child say something else of a
 * property, GraphQL does not (spec §3.7, "covariant"). Where no field is left the interface is a union.
 */
function settleInterfaces(built: Map<string, TypeDefinitionNode>): void {
  const children = new Map<string, ObjectTypeDefinitionNode[]>();
  for (const node of built.values()) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    for (const { name } of node.interfaces ?? []) addTo(children, name.value, node);
  }
  for (const [key, node] of built) {
    if (node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const list = children.get(key) ?? [];
    const fields = (node.fields ?? []).filter((field) => list.every((child) => hasField(child, field)));
    if (fields.length > 0) {
      built.set(key, { ...node, fields });
      continue;
    }
    const keys = [...built].flatMap(([own, child]) => (list.includes(child as never) ? [own] : []));
    const { fields: _none, interfaces: _also, ...rest } = node;
    built.set(key, { ...rest, kind: Kind.UNION_TYPE_DEFINITION, types: keys.map(namedType) });
    for (const own of keys) {
      const child = built.get(own) as ObjectTypeDefinitionNode;
      built.set(own, { ...child, interfaces: (child.interfaces ?? []).filter(({ name }) => name.value !== key) });
    }
  }
}

/** A union has objects alone (GraphQL spec §3.8): in place of an interface stand those who implement it. */
function spreadInterfaces(built: Map<string, TypeDefinitionNode>): void {
  const isInterface = (key: string): boolean => built.get(key)?.kind === Kind.INTERFACE_TYPE_DEFINITION;
  for (const [key, node] of built) {
    if (node.kind !== Kind.UNION_TYPE_DEFINITION || !node.types?.some(({ name }) => isInterface(name.value))) continue;
    const keys = node.types.flatMap(({ name }) =>
      isInterface(name.value) ? implementors(built, name.value) : [name.value],
    );
    const ownKey = (member: string): string => (isInterface(member) ? `${member} base` : member);
    const directives = node.directives?.map((directive) => renameMembers(directive, ownKey) ?? directive);
    built.set(key, { ...node, ...(directives ? { directives } : {}), types: [...new Set(keys)].map(namedType) });
  }
}

function implementors(built: ReadonlyMap<string, TypeDefinitionNode>, wanted: string): string[] {
  return [...built].flatMap(([key, node]) => {
    const isOne =
      node.kind === Kind.OBJECT_TYPE_DEFINITION && node.interfaces?.some(({ name }) => name.value === wanted);
    return isOne ? [key] : [];
  });
}

function hasField(child: ObjectTypeDefinitionNode, wanted: FieldDefinitionNode): boolean {
  const own = child.fields?.find(({ name }) => name.value === wanted.name.value);
  return own !== undefined && fits(own.type, wanted.type);
}

function fits(own: TypeNode, wanted: TypeNode): boolean {
  const [a, b] = [print(own), print(wanted)];
  return a === b || a === `${b}!`;
}

export function namedType(key: string): NamedTypeNode {
  return { kind: Kind.NAMED_TYPE, name: nameNode(key) };
}

export function listOf(type: TypeNode): TypeNode {
  return { kind: Kind.LIST_TYPE, type };
}

export type AnyField = FieldDefinitionNode | InputValueDefinitionNode;
