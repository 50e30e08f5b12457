/** Reads one job with the ingest, compose and generation that the gateway itself uses. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildASTSchema,
  type GraphQLSchema,
  isObjectType,
  type ObjectTypeDefinitionNode,
  parse,
  validateSchema,
} from 'graphql';
import { stringify } from 'yaml';
import { buildGeneration } from '../../gateway/compose/generation.ts';
import { type Unified, unify } from '../../gateway/compose/unify.ts';
import { defaultPolicy } from '../../gateway/config/policy.ts';
import type { GatewayError } from '../../gateway/errors.ts';
import { type Ingested, ingest } from '../../gateway/ingest/index.ts';
import type { JobAnswer, ReportJob, SourceOutcome } from './job.ts';
import { findClobbered, findShared } from './types.ts';

const ROOTS = ['Query', 'Mutation', 'Subscription'];
/** Nothing is called: the discard service will do. */
const NOWHERE = { openapi: 'http://127.0.0.1:9', grpc: '127.0.0.1:9', graphql: 'http://127.0.0.1:9' } as const;

/** Reads the contracts of a job, unites them and goes as far as a gateway goes before it listens. */
export async function readContracts(job: ReportJob): Promise<JobAnswer> {
  const startedAt = performance.now();
  const results = await readAll(job);
  const read = [...results.values()].filter((result): result is Ingested => !(result instanceof Error));
  const faults: string[] = [];
  const unified = read.length === 0 ? undefined : attempt(() => uniteAll(read), faults);
  const schema = unified && attempt(() => buildASTSchema(parse(unified.publicText, { noLocation: true })), faults);
  if (schema) faults.push(...validateSchema(schema).map(({ message }) => message));
  const unusable = unified ? await openConnectors(unified, job, faults) : new Map<string, string>();
  return {
    sources: job.sources.map(({ name }) => outcomeOf(name, results.get(name), unified, schema, unusable.get(name))),
    schemaFaults: faults,
    shared: findShared(read),
    types: Object.keys(schema?.getTypeMap() ?? {}).filter((name) => !name.startsWith('__')).length,
    ms: Math.round(performance.now() - startedAt),
    // Kilobytes on Linux and macOS alike in Node.
    peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

/** A project folder of these sources, read as the build worker reads one. */
async function readAll(job: ReportJob): Promise<Map<string, Ingested | GatewayError>> {
  const dir = await mkdtemp(join(tmpdir(), 'tributary-report-'));
  try {
    const sources = job.sources.map(({ name, kind, file, includeDirs }) => {
      const source = kind === 'grpc' ? { file, load: { includeDirs } } : file;
      return { name, handler: { [kind]: { source, endpoint: NOWHERE[kind] } } };
    });
    await writeFile(join(dir, '.meshrc.yaml'), stringify({ sources }));
    const wanted = job.sources.map(({ name }) => ({ name, hash: '0'.repeat(64) }));
    return await ingest(dir, wanted);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function uniteAll(read: readonly Ingested[]): Unified {
  return unify(
    read.map(({ name, text }) => ({ name, text, policy: defaultPolicy(), joins: '' })),
    new Map(),
  );
}

/** Goes as far as a gateway goes at its start: resolvers attached, every operation prepared. */
async function openConnectors(unified: Unified, job: ReportJob, faults: string[]): Promise<Map<string, string>> {
  const settings = job.sources.map(({ name, kind }) => {
    return [name, { policy: defaultPolicy(), endpoints: [NOWHERE[kind]], headers: {} }] as const;
  });
  const generation = attempt(
    () =>
      buildGeneration({
        id: 'report',
        privateText: unified.privateText,
        publicText: unified.publicText,
        settings: new Map(settings),
        states: job.sources.map(({ name, kind }) => ({ name, kind, state: 'active' })),
        headerRules: { forward: [], set: {} },
        limits: { maxCallsPerOperation: 1, maxCallsPerSource: 1 },
        maxBodyBytes: 1_000_000,
        now: Date.now,
        onCall: () => undefined,
      }),
    faults,
  );
  const states = generation?.sources ?? [];
  await generation?.[Symbol.asyncDispose]();
  return new Map(states.flatMap(({ name, message }) => (message === undefined ? [] : [[name, message] as const])));
}

function outcomeOf(
  name: string,
  result: Ingested | GatewayError | undefined,
  unified: Unified | undefined,
  schema: GraphQLSchema | undefined,
  unusable: string | undefined,
): SourceOutcome {
  const nothing = { name, served: {}, rootFields: 0, clobbered: [] };
  if (result === undefined) return { ...nothing, refused: 'nothing came back' };
  if (result instanceof Error) return { ...nothing, refused: result.message };
  const fieldNames = unified?.names.fields.get(name) ?? new Map<string, string>();
  const served = Object.entries(result.names.operations).flatMap(([wireName, field]) => {
    const there = ROOTS.find((root) => hasField(schema, root, fieldNames.get(`${root}.${field}`)));
    return there === undefined ? [] : [[wireName, fieldNames.get(`${there}.${field}`) ?? field] as const];
  });
  const roots = parse(result.text, { noLocation: true }).definitions.filter(
    (node): node is ObjectTypeDefinitionNode => 'name' in node && ROOTS.includes(node.name?.value ?? ''),
  );
  return {
    name,
    report: result.report,
    served: Object.fromEntries(served),
    rootFields: roots.reduce((sum, { fields }) => sum + (fields?.length ?? 0), 0),
    clobbered: unified ? findClobbered(result, unified) : [],
    ...(unusable === undefined ? {} : { unusable }),
  };
}

function hasField(schema: GraphQLSchema | undefined, root: string, field: string | undefined): boolean {
  const type = schema?.getType(root);
  return field !== undefined && isObjectType(type) && type.getFields()[field] !== undefined;
}

function attempt<T>(work: () => T, faults: string[]): T | undefined {
  try {
    return work();
  } catch (error) {
    faults.push(error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error));
    return undefined;
  }
}
