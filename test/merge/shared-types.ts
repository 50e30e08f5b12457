/** Four types, each shared by two sources, that cover every pair of REST, gRPC and GraphQL in both directions. */
import { type Described, type Handler, listOf, object, openapi, ref, string } from './services.ts';

export type Owner = 'rest' | 'rest2' | 'grpc' | 'graph';
export const OWNERS: Readonly<Record<string, readonly [Owner, Owner]>> = {
  Apple: ['rest', 'grpc'],
  Birch: ['rest', 'graph'],
  Cedar: ['grpc', 'graph'],
  Drift: ['rest', 'rest2'],
};

/** What each source knows: everyone has rows of its own beside 1 and 2, so that every lookup misses one. */
const IDS: Readonly<Record<Owner, readonly string[]>> = {
  rest: ['1', '2', '3'],
  rest2: ['1', '2', '4'],
  grpc: ['1', '2', '5'],
  graph: ['1', '2', '6'],
};

export function typesOf(owner: Owner): string[] {
  return Object.keys(OWNERS).filter((type) => OWNERS[type]?.includes(owner));
}

/** One row of a type at a source. `tag` is known to one source of each type alone. */
export function row(owner: Owner, type: string, id: string): Record<string, unknown> {
  const tag = OWNERS[type]?.[0] === owner ? { [`tag${type}`]: `tag-${id}` } : {};
  return {
    id,
    [`${owner}Note`]: `${owner} ${type} ${id}`,
    [`${owner}Detail`]: { text: `${owner} text ${id}` },
    ...tag,
  };
}

function rowsOf(owner: Owner, type: string): Record<string, unknown>[] {
  return IDS[owner].map((id) => row(owner, type, id));
}

/** Bulk lookups answer as badly as is allowed: reversed, with a row nobody asked for, without what is not known. */
function lookUp(owner: Owner, type: string, ids: readonly unknown[]): Record<string, unknown>[] {
  const known = IDS[owner].filter((id) => ids.map(String).includes(id));
  return [row(owner, type, '99'), ...known.reverse().map((id) => row(owner, type, id))];
}

export function restSource(owner: 'rest' | 'rest2'): Described {
  const operations: Parameters<typeof openapi>[0] = {};
  const schemas: Record<string, Record<string, unknown>> = {
    [`${owner}Detail`]: { type: 'object', properties: { text: string } },
  };
  const handlers: Record<string, Handler> = {};
  const coordinates: Record<string, unknown> = {};
  for (const type of typesOf(owner)) {
    const tag = OWNERS[type]?.[0] === owner ? { [`tag${type}`]: string } : {};
    const shape = { id: string, [`${owner}Note`]: string, [`${owner}Detail`]: ref(`${owner}Detail`), ...tag };
    schemas[type] = object(shape);
    const all = `${owner}${type}All`;
    const byIds = `${owner}${type}ByIds`;
    Object.assign(operations, {
      [all]: { answer: listOf(ref(type)) },
      [byIds]: { answer: listOf(ref(type)), params: { ids: listOf(string) } },
    });
    handlers[all] = () => rowsOf(owner, type);
    handlers[byIds] = ({ ids }) => lookUp(owner, type, ids as string[]);
    coordinates[`Query.${byIds}`] = { merge: { keyField: 'id', keysArg: 'ids' } };
  }
  return { kind: 'openapi', contract: openapi(operations, schemas), handlers, policy: { coordinates } };
}

export function grpcSource(): Described {
  const types = typesOf('grpc');
  const messages = types.map((type) => {
    const tag = OWNERS[type]?.[0] === 'grpc' ? `string tag_${type.toLowerCase()} = 4;` : '';
    return `message ${type} { string id = 1; string grpc_note = 2; Detail grpc_detail = 3; ${tag} }
      message ${type}List { repeated ${type} rows = 1; }`;
  });
  const methods = types.map(
    (type) =>
      `rpc GetGrpc${type}All(Nothing) returns (${type}List); rpc GetGrpc${type}ByIds(Ids) returns (${type}List);`,
  );
  const contract = `syntax = "proto3"; package shared.v1;
    message Nothing {} message Ids { repeated string ids = 1; } message Detail { string text = 1; }
    ${messages.join('\n')}
    service Shared { ${methods.join(' ')} }`;
  const snake = ({ id, grpcNote, grpcDetail, ...rest }: Record<string, unknown>): Record<string, unknown> => ({
    id,
    grpc_note: grpcNote,
    grpc_detail: grpcDetail,
    ...('tagCedar' in rest ? { tag_cedar: rest['tagCedar'] } : {}),
  });
  const handlers: Record<string, Handler> = {};
  const coordinates: Record<string, unknown> = {};
  for (const type of types) {
    handlers[`GetGrpc${type}All`] = () => ({ rows: rowsOf('grpc', type).map(snake) });
    handlers[`GetGrpc${type}ByIds`] = ({ ids }) => ({ rows: lookUp('grpc', type, ids as string[]).map(snake) });
    coordinates[`Query.getGrpc${type}ByIds`] = { merge: { keyField: 'id', keysArg: 'input.ids', result: 'rows' } };
  }
  return { kind: 'grpc', contract, handlers, service: 'shared.v1.Shared', policy: { coordinates } };
}

export function graphSource(): Described {
  const types = typesOf('graph');
  const definitions = types.map(
    (type) => `type ${type} { id: ID! graphNote(upper: Boolean = false): String graphDetail: GraphDetail }`,
  );
  const fields = types.map((type) => `graph${type}All: [${type}!]! graph${type}ByKeys(keys: [ID!]!): [${type}]!`);
  const contract = `${definitions.join('\n')} type GraphDetail { text: String } type Query { ${fields.join(' ')} }`;
  const handlers: Record<string, Handler> = {};
  const coordinates: Record<string, unknown> = {};
  const live = (value: Record<string, unknown>): Record<string, unknown> => ({
    ...value,
    graphNote: ({ upper }: { upper: boolean }) =>
      upper ? String(value['graphNote']).toUpperCase() : value['graphNote'],
  });
  for (const type of types) {
    handlers[`graph${type}All`] = () => rowsOf('graph', type).map(live);
    handlers[`graph${type}ByKeys`] = ({ keys }) => [null, ...lookUp('graph', type, keys as string[]).map(live)];
    coordinates[`Query.graph${type}ByKeys`] = { merge: { keyField: 'id', keysArg: 'keys' } };
  }
  return { kind: 'graphql', contract, handlers, policy: { coordinates } };
}

/** How a source lists all rows and looks rows up: field to ask, path below it, and the operation the upstream sees. */
export function listing(
  owner: Owner,
  type: string,
): { open: string; close: string; all: string; byIds: string; at: string[] } {
  if (owner === 'grpc') {
    const all = `getGrpc${type}All`;
    return {
      open: `${all} { rows {`,
      close: '} }',
      all: `GetGrpc${type}All`,
      byIds: `GetGrpc${type}ByIds`,
      at: [all, 'rows'],
    };
  }
  const all = `${owner}${type}All`;
  const byIds = owner === 'graph' ? `graph${type}ByKeys` : `${owner}${type}ByIds`;
  return { open: `${all} {`, close: '}', all, byIds, at: [all] };
}

export function idsOf(owner: Owner): readonly string[] {
  return IDS[owner];
}

export function knows(owner: Owner, id: string): boolean {
  return IDS[owner].includes(id);
}
