import { type DocumentNode, Kind, type TypeDefinitionNode, visit } from 'graphql';
import { buildDefaults, type ContractLimits } from '../config/build.ts';
import { defaultPolicy, type Policy } from '../config/policy.ts';
import { GatewayError } from '../errors.ts';
import { stringNode } from '../lib/ast.ts';
import { bounded } from '../lib/findings.ts';
import { directiveNode, nameNode } from '../lib/sdl.ts';
import { createExposure } from './exposure.ts';
import { readGraphqlSource } from './graphql/handler.ts';
import { readGrpcSource } from './grpc/handler.ts';
import type { SourceProduct } from './handlers.ts';
import { joinLinks } from './links.ts';
import { type MeshSource, readMeshConfig } from './mesh.ts';
import { isBuiltInScalar, nameTypes } from './naming.ts';
import { readOpenapiSource } from './openapi/handler.ts';
import type { OperationChoices } from './openapi/operations.ts';
import { printSource } from './print.ts';
import { prune } from './prune.ts';
import { sortGuesses } from './report/kinds.ts';
import { scoreOf } from './report/score.ts';
import { countTyped } from './report/typed.ts';
import type { ImportReport } from './wire.ts';

/** Names a source was given before (`schemas/names.lock.json`): a re-import keeps them. */
export type LockedNames = { operations: Readonly<Record<string, string>> };

export type IngestRequest = {
  name: string;
  /** Written into the header of the text. */
  hash: string;
  policy?: Policy;
  locked?: LockedNames;
};

export type Ingested = { name: string; text: string; report: ImportReport; names: LockedNames };

export type IngestOptions = {
  limits?: ContractLimits | undefined;
  /** Told before a contract is read: should that be the end of the process, it is known whose fault it was. */
  reading?: (source: string) => void;
  /** Told what came of it. */
  read?: (source: string, result: Ingested | GatewayError) => void;
  log?: (message: string) => void;
};

/** Reads the wanted sources of the project in `dir`. A source that cannot be read gives its error; the others are not held back. */
export async function ingest(
  dir: string,
  wanted: readonly IngestRequest[],
  options: IngestOptions = {},
): Promise<Map<string, Ingested | GatewayError>> {
  const { limits = buildDefaults, log = () => undefined } = options;
  const results = new Map<string, Ingested | GatewayError>();
  const sources = new Map((await readMeshConfig(dir, log)).map((source) => [source.name, source]));
  for (const request of wanted) {
    const { name } = request;
    options.reading?.(name);
    const result = await ingestOne(sources.get(name), request, limits).catch((error: unknown) =>
      readable(error, sources.get(name)?.kind, dir),
    );
    options.read?.(name, result);
    results.set(name, result);
  }
  return results;
}

/** What a loader threw, as a sentence for the team: its first line, never a stack nor where the project lies. */
function readable(error: unknown, kind: string | undefined, dir: string): GatewayError {
  if (error instanceof GatewayError) return error;
  if (error instanceof RangeError && error.message.includes('call stack'))
    return new GatewayError('BAD_REQUEST', {
      message: 'The contract cannot be read: what it says is nested too deeply.',
      cause: error,
    });
  const said = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  return new GatewayError('BAD_REQUEST', {
    message: `The contract cannot be read as ${kind ?? 'any kind'}: ${said.replaceAll(`${dir}/`, '')}`,
    cause: error,
  });
}

/** Types of one source: what serves them holds all of them in memory. */
const MAX_TYPES = 50_000;

async function ingestOne(
  source: MeshSource | undefined,
  request: IngestRequest,
  limits: ContractLimits,
): Promise<Ingested> {
  if (!source || source.kind === 'custom')
    throw new GatewayError('BAD_REQUEST', {
      message: 'It has no handler that is known here: use openapi, grpc or graphql.',
    });
  const policy = request.policy ?? defaultPolicy();
  const choices = choicesOf(policy, request.locked, source.params.config['selectQueryOrMutationField']);
  const product = await read(source, choices, policy, limits);
  const named = nameTypes(withScalars(product.document), policy.names, () => undefined, source.name);
  const wired = product.kind === 'graphql' ? withWireNames(named.document, named.types, source.name) : named.document;
  const document = prune(wired);
  if (document.definitions.length > MAX_TYPES)
    throw new GatewayError('BAD_REQUEST', {
      message: `The contract has ${document.definitions.length} types: at most ${MAX_TYPES} can be served.`,
    });
  if (document.definitions.length === 0)
    throw new GatewayError('BAD_REQUEST', { message: 'The contract has no operation that can be served.' });
  const links = joinLinks(document, product.links ?? [], { source: source.name, policy: policy.names });
  const imported = Object.keys(product.operations.wireNames).length;
  const operations = { total: product.operations.total, imported };
  const typed = countTyped(prune(product.document), {
    // What a GraphQL contract calls JSON has no other type there.
    isJson: (scalar) => product.kind !== 'graphql' && scalar === 'JSON',
    untold: new Set(product.untold),
  });
  const report: ImportReport = {
    source: source.name,
    kind: product.kind,
    score: scoreOf({ operations, leftOut: product.leftOut, typed }),
    operations,
    types: document.definitions.length,
    typed,
    leftOut: product.leftOut,
    fallbacks: product.fallbacks,
    guessed: bounded(sortGuesses(product.guesses)),
    notes: [...product.notes, ...choices.exposure.notes(), ...links.notes],
    renamed: [...product.renamed, ...named.renamed],
  };
  return {
    name: source.name,
    text: printSource(source.name, request.hash, product, document, links.extensions),
    report,
    names: { operations: product.operations.wireNames },
  };
}

/** A GraphQL service is asked by the names of its types: those that were renamed say what they are called there. */
function withWireNames(document: DocumentNode, types: ReadonlyMap<string, string>, source: string): DocumentNode {
  const wireNames = new Map([...types].flatMap(([from, to]) => (from === to ? [] : [[to, from] as const])));
  const definitions = document.definitions.map((node) => {
    const name = 'name' in node && node.name ? wireNames.get(node.name.value) : undefined;
    if (name === undefined) return node;
    const directives = 'directives' in node ? (node.directives ?? []) : [];
    return { ...node, directives: [...directives, directiveNode('source', { subgraph: source, name })] } as typeof node;
  });
  return { ...document, definitions };
}

function read(
  source: MeshSource,
  choices: OperationChoices,
  policy: Policy,
  limits: ContractLimits,
): Promise<SourceProduct> {
  if (source.kind === 'openapi')
    return readOpenapiSource(source.params, choices, { strict: policy.nullability === 'strict', limits });
  if (source.kind === 'grpc')
    return readGrpcSource(source.params, { ...choices, listed: listedFields(policy) }, limits);
  return readGraphqlSource(source.params, choices, limits);
}

/** Root fields that show a stream of answers as a list. */
function listedFields(policy: Policy): Set<string> {
  return new Set(Object.entries(policy.operations).flatMap(([name, { stream }]) => (stream === 'list' ? [name] : [])));
}

/** What the policy and the lock say about operations; the policy wins. */
function choicesOf(policy: Policy, locked: LockedNames | undefined, selected: unknown): OperationChoices {
  const rules = Object.entries(policy.operations);
  // Mesh's own way to say it; the policy wins.
  const chosen = (Array.isArray(selected) ? selected : []).map(
    ({ fieldName, type }: { fieldName: unknown; type: unknown }) => {
      return [String(fieldName), String(type).toLowerCase() === 'mutation' ? 'mutation' : 'query'] as const;
    },
  );
  return {
    fieldOf: new Map([...Object.entries(locked?.operations ?? {}), ...Object.entries(policy.names.operations)]),
    kindOf: new Map([
      ...chosen,
      ...rules.flatMap(([name, { kind }]) => (kind === undefined ? [] : [[name, kind] as const])),
    ]),
    exposure: createExposure(policy),
  };
}

const SCALAR_TEXTS: Readonly<Record<string, string>> = {
  BigInt: 'A signed 64-bit integer. Answers hold it as a string of digits, so that no client rounds it.',
  UInt64: 'An unsigned 64-bit integer. Answers hold it as a string of digits, so that no client rounds it.',
  Decimal: 'A decimal number of any size. Answers hold it as a string, with the digits that the source wrote.',
  UnsignedInt: 'An unsigned 32-bit integer.',
  UInt32: 'An unsigned 32-bit integer.',
  Byte: 'Bytes as base64 text (RFC 4648 §4).',
  File: 'Bytes as base64 text (RFC 4648 §4).',
  Void: 'No value: the answer is always null.',
  JSON: 'Any JSON value.',
};

/** Gives every scalar that is used a definition, and ours a text that says what to expect. */
function withScalars(document: DocumentNode): DocumentNode {
  const defined = new Set(
    document.definitions.flatMap((node) => ('name' in node && node.name ? [node.name.value] : [])),
  );
  const missing = new Set<string>();
  visit(document, {
    NamedType: ({ name }) => void (!defined.has(name.value) && !isBuiltInScalar(name.value) && missing.add(name.value)),
  });
  const added = [...missing].map(
    (name): TypeDefinitionNode => ({ kind: Kind.SCALAR_TYPE_DEFINITION, name: nameNode(name) }),
  );
  const definitions = [...document.definitions, ...added].map((node) => {
    const text = node.kind === Kind.SCALAR_TYPE_DEFINITION ? SCALAR_TEXTS[node.name.value] : undefined;
    return text === undefined ? node : { ...node, description: stringNode(text), directives: [] };
  });
  return { ...document, definitions };
}
