import {
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { directivesNamed } from '../lib/sdl.ts';
import { type Requirements, readRequirements } from './requirements.ts';

/** A lookup of rows by key: what `@resolveTo` and `@merge` say, in one form. */
export type Lookup = {
  source: string;
  /** Root field of the unified schema that is called. */
  field: string;
  /** Path to the argument that takes the keys (`input.productIds` → two names); empty when only `sourceArgs` are used. */
  keysArg: readonly string[];
  /** Names of the key's parts in the objects given to `keysArg`; empty for a simple key. */
  keysArgFields: readonly string[];
  /** Paths of the key's parts in a row. */
  valueKeys: readonly (readonly string[])[];
  /** Whether a row has its key there even when it was asked for alone: said, or of a type that is shared by it. */
  isRowKeyed: boolean;
  /** Path to the rows in the answer. */
  result: readonly string[];
  /** Most keys of one call, where the join or merge says so. */
  batchSize: number | undefined;
  /** Arguments beside the keys; `{root.x}` and `{args.x}` stand for values. */
  sourceArgs: Readonly<Record<string, unknown>>;
};

/** A lookup, where its key comes from, and what else of the parent it needs (`{root.x}`). */
export type Join = Lookup & { keys: readonly (readonly string[])[]; rootPaths: readonly (readonly string[])[] };

/** A type that several sources share: who can be asked for it by key. */
export type Entity = { lookups: ReadonlyMap<string, Join> };

/** What the directives of the unified schema say, looked up by type and field. */
export type Model = {
  schema: GraphQLSchema;
  /** Kind of each source (`rest`, `grpc`, `graphql`). */
  kinds: ReadonlyMap<string, string>;
  /** Sources that own a type, in order. */
  ownersOf: (type: string) => readonly string[];
  /** Name of the type in the source. */
  ownName: (type: string, source: string) => string;
  entities: ReadonlyMap<string, Entity>;
  /** Most keys one call of a root field takes, where the policy of its source says so. */
  maxKeys: MaxKeys;
  /** What is required of who asks. */
  requirements: Requirements;
};

export type MaxKeys = (source: string, field: string) => number | undefined;

const NO_SOURCES: readonly string[] = [];

/** Reads the model of a unified schema in its private form. */
export function readModel(schema: GraphQLSchema, maxKeys: MaxKeys = () => undefined): Model {
  const owners = new Map<string, { source: string; name: string }[]>();
  for (const type of Object.values(schema.getTypeMap())) {
    const found = directivesNamed(type.astNode, 'source');
    owners.set(
      type.name,
      found.map((args) => ({ source: String(args['subgraph']), name: String(args['name'] ?? type.name) })),
    );
  }
  const kinds = new Map<string, string>();
  for (const node of schema.extensionASTNodes) {
    for (const args of directivesNamed(node, 'transport')) kinds.set(String(args['subgraph']), String(args['kind']));
  }
  // Read for every value of an answer: made once.
  const sources = new Map([...owners].map(([type, list]) => [type, list.map(({ source }) => source)]));
  return {
    schema,
    kinds,
    ownersOf: (type) => sources.get(type) ?? NO_SOURCES,
    ownName: (type, source) => owners.get(type)?.find((owner) => owner.source === source)?.name ?? type,
    entities: readEntities(schema),
    maxKeys,
    requirements: readRequirements(schema),
  };
}

function readEntities(schema: GraphQLSchema): Map<string, Entity> {
  const entities = new Map<string, { lookups: Map<string, Join> }>();
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
    for (const args of directivesNamed(field.astNode, 'merge')) {
      const keys = paths(args['keyFields']) ?? paths(args['keyField']) ?? [];
      const valueKeys = paths(args['valueKeyField']) ?? keys;
      const lookup = {
        ...readLookup(String(args['subgraph']), field.name, args, valueKeys),
        keys,
        isRowKeyed: true,
        rootPaths: [],
      };
      const type = rowType(field, lookup.result)?.name;
      if (type === undefined) continue;
      const entity = entities.get(type) ?? { lookups: new Map() };
      entity.lookups.set(lookup.source, lookup);
      entities.set(type, entity);
    }
  }
  return entities;
}

/** The join of a field, when it is one. */
export function readJoin(field: GraphQLField<unknown, unknown>): Join | undefined {
  const [args] = directivesNamed(field.astNode, 'resolveTo');
  if (!args) return undefined;
  const keys = paths(args['keyFields']) ?? paths(args['keyField']) ?? [];
  const valueKeys = paths(args['valueKeyFields']) ?? paths(args['valueKeyField']) ?? keys;
  const lookup = readLookup(String(args['sourceName']), String(args['sourceFieldName']), args, valueKeys);
  return { keys, rootPaths: rootPathsIn(lookup.sourceArgs), ...lookup };
}

/** The lookup that brings a field of a shared type to values from sources that do not have it. */
export function lookupOf(model: Model, type: string, field: GraphQLField<unknown, unknown>): Join | undefined {
  const lookups = model.entities.get(type)?.lookups;
  return fieldSources(field)
    .map((source) => lookups?.get(source))
    .find((lookup) => lookup !== undefined);
}

/** What `{root.a.b}` or `{args.a}` stands for; undefined for every other value. */
export function templateOf(value: unknown): { scope: 'root' | 'args'; path: readonly string[] } | undefined {
  const [, scope, path = ''] = (typeof value === 'string' && /^\{(root|args)\.([\w.]+)\}$/.exec(value)) || [];
  return scope === 'root' || scope === 'args' ? { scope, path: path.split('.') } : undefined;
}

function rootPathsIn(value: unknown): (readonly string[])[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(rootPathsIn);
  const template = templateOf(value);
  return template?.scope === 'root' ? [template.path] : [];
}

function readLookup(source: string, field: string, args: Record<string, unknown>, valueKeys: string[][]): Lookup {
  const keysArgFields = Array.isArray(args['keysArgFields']) ? args['keysArgFields'].map(String) : [];
  return {
    source,
    field,
    keysArg: typeof args['keysArg'] === 'string' ? args['keysArg'].split('.') : [],
    keysArgFields:
      valueKeys.length > 1 && keysArgFields.length === 0 ? valueKeys.map((path) => path.at(-1) ?? '') : keysArgFields,
    valueKeys,
    isRowKeyed: args['valueKeyField'] !== undefined || args['valueKeyFields'] !== undefined,
    result: typeof args['result'] === 'string' && args['result'] !== '' ? args['result'].split('.') : [],
    batchSize: typeof args['batchSize'] === 'number' ? args['batchSize'] : undefined,
    sourceArgs: (args['sourceArgs'] ?? {}) as Record<string, unknown>,
  };
}

/** The type of the rows at the end of `result` below a root field's answer. */
export function rowType(
  field: GraphQLField<unknown, unknown>,
  result: readonly string[],
): GraphQLNamedType | undefined {
  let current: GraphQLNamedType | undefined = named(field.type);
  for (const name of result) {
    const next: GraphQLField<unknown, unknown> | undefined =
      isObjectType(current) || isInterfaceType(current) ? current.getFields()[name] : undefined;
    current = next && named(next.type);
  }
  return current;
}

/** The named type inside lists and non-nulls. */
export function named(type: { ofType?: unknown } | GraphQLNamedType): GraphQLNamedType {
  let current = type as { ofType?: unknown };
  while (current.ofType !== undefined) current = current.ofType as { ofType?: unknown };
  return current as GraphQLNamedType;
}

/** The name a field, argument or input field has on the wire of `source`. */
export function wireName(field: GraphQLField<unknown, unknown> | GraphQLInputField, source: string): string {
  const found = directivesNamed(field.astNode, 'resolveRootField').find((args) => args['subgraph'] === source);
  return found === undefined ? field.name : String(found['field']);
}

/** Sources that have a field of a shared type; empty where the type has one owner only. */
export function fieldSources(field: GraphQLField<unknown, unknown>): readonly string[] {
  return directivesNamed(field.astNode, 'source').map((args) => String(args['subgraph']));
}

function paths(value: unknown): string[][] | undefined {
  if (typeof value === 'string') return [value.split('.')];
  return Array.isArray(value) && value.length > 0 ? value.map((path) => String(path).split('.')) : undefined;
}
