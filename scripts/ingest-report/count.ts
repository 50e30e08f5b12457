/**
 * The operations of a contract, counted from the raw document and by code that shares nothing with the gateway: what the report
 * holds the gateway to must not come from the gateway.
 */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Kind, parse as parseGraphql } from 'graphql';
import { parse as parseYaml } from 'yaml';
import type { ContractFile } from './files.ts';
import { countProto } from './proto.ts';

type Json = Record<string, unknown>;

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const MAX_HOPS = 32;

export type Count = {
  /** Wire names of all operations: `GET /path`, `package.Service/Method`, `query field`. */
  readonly operations: readonly string[];
  /** Paths whose operations stand where no reference leads to: nobody can count those. */
  readonly unresolved: readonly string[];
};

/** @throws whatever reading and parsing throw */
export async function countOperations(
  { file, kind }: ContractFile,
  includeDirs: readonly string[] = [],
): Promise<Count> {
  if (kind === 'grpc') return { operations: await countProto(file, includeDirs), unresolved: [] };
  if (kind === 'graphql') return { operations: countGraphql(await readFile(file, 'utf8')), unresolved: [] };
  return countOpenapi(file);
}

async function countOpenapi(file: string): Promise<Count> {
  const documents = new Map<string, unknown>();
  const load = async (path: string): Promise<unknown> => {
    if (!documents.has(path)) documents.set(path, await readDocument(path).catch(() => undefined));
    return documents.get(path);
  };
  const document = await readDocument(file);
  documents.set(file, document);
  const operations: string[] = [];
  const unresolved: string[] = [];
  for (const [path, item] of Object.entries(asObject(asObject(document)['paths']))) {
    if (!path.startsWith('/')) continue;
    const methods = new Set<string>();
    // A path item may refer to another and say more beside it.
    let place: { file: string; value: unknown } | undefined = { file, value: item };
    for (let hops = 0; place !== undefined && hops < MAX_HOPS; hops += 1) {
      const value = asObject(place.value);
      for (const method of METHODS) if (isObject(value[method])) methods.add(method);
      const ref: unknown = value['$ref'];
      if (typeof ref !== 'string') break;
      place = await follow(place.file, ref, load);
      if (place === undefined) unresolved.push(path);
    }
    for (const method of methods) operations.push(`${method.toUpperCase()} ${path}`);
  }
  return { operations: operations.sort(), unresolved };
}

async function follow(
  from: string,
  ref: string,
  load: (path: string) => Promise<unknown>,
): Promise<{ file: string; value: unknown } | undefined> {
  const [target = '', pointer = ''] = ref.split('#');
  if (/^[a-z][a-z0-9+.-]+:/i.test(target)) return undefined;
  const file = target === '' ? from : resolve(dirname(from), decodeURIComponent(target));
  let value = await load(file);
  for (const part of pointer.split('/').slice(1)) {
    value = (value as Json | undefined)?.[decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return value === undefined ? undefined : { file, value };
}

async function readDocument(file: string): Promise<unknown> {
  const text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  return text.trimStart().startsWith('{')
    ? JSON.parse(text)
    : parseYaml(text, { uniqueKeys: false, merge: true, maxAliasCount: 10_000, logLevel: 'silent' });
}

function countGraphql(text: string): string[] {
  const document = parseGraphql(text, { noLocation: true });
  const roots = new Map([
    ['Query', 'query'],
    ['Mutation', 'mutation'],
    ['Subscription', 'subscription'],
  ]);
  for (const node of document.definitions) {
    if (node.kind !== Kind.SCHEMA_DEFINITION) continue;
    roots.clear();
    for (const { operation, type } of node.operationTypes) roots.set(type.name.value, operation);
  }
  return document.definitions
    .flatMap((node) => {
      if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.OBJECT_TYPE_EXTENSION) return [];
      const root = roots.get(node.name.value);
      return root === undefined ? [] : (node.fields ?? []).map(({ name }) => `${root} ${name.value}`);
    })
    .sort();
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asObject(value: unknown): Json {
  return isObject(value) ? value : {};
}
