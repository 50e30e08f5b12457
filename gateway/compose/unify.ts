import { stitchSchemas } from '@graphql-tools/stitch';
import { getDocumentNodeFromSchema } from '@graphql-tools/utils';
import { buildASTSchema, type DocumentNode, Kind, parse, print, validateSchema, visit } from 'graphql';
import { GatewayError } from '../errors.ts';
import { printDefinitions } from '../lib/print-sdl.ts';
import { WIRE_DIRECTIVES } from '../lib/wire-directives.ts';
import { annotate } from './annotate.ts';
import { checkCache } from './cache/check.ts';
import { invalidationsOf } from './cache/entries.ts';
import { type LockedTypes, type Placed, placeNames, type Renaming } from './collide.ts';
import { readCoordinates } from './coordinates.ts';
import { type ComposeSource, readSource, toDocument } from './documents.ts';
import { type ComposeFault, readJoins } from './joins.ts';
import { checkMerges } from './merges.ts';
import { checkRequirements, withDefaults } from './requirements.ts';

export type Unified = {
  /** The unified schema with its wire mapping: what the serving process builds from. */
  privateText: string;
  /** What clients see. */
  publicText: string;
  renamed: Renaming[];
  /** source → unified name of a type that is one with another source's → that source. */
  shared: Placed['shared'];
  /** source → mutation → what it makes old of answers that are kept. */
  invalidations: ReturnType<typeof invalidationsOf>;
  /** source → own name → unified name, for `names.lock.json`. */
  names: { types: Placed['typeNames']; fields: Placed['fieldNames'] };
};

/** Faults in what teams wrote, all of one run. */
export class ComposeError extends GatewayError {
  readonly faults: readonly ComposeFault[];
  constructor(faults: readonly ComposeFault[]) {
    super('BAD_REQUEST', {
      message: faults.map(({ file, line, message }) => `${file}:${line}: ${message}`).join('\n'),
    });
    this.faults = faults;
  }
}

/**
 * Unites source schemas and joins with `@graphql-tools/stitch`, checks the result and gives it back as text: no part of stitch
 * runs while requests are served.
 * @throws ComposeError with every fault found
 */
export function unify(
  sources: readonly ComposeSource[],
  locked: LockedTypes,
  absent: ReadonlySet<string> = new Set(),
): Unified {
  const placed = placeNames(sources.map(readSource), locked);
  const joins = readJoins(sources, placed, absent);
  const rules = readCoordinates(placed, joins.extensions, absent.size === 0);
  const cacheFaults = checkCache(placed, joins.extensions, absent.size === 0);
  const leftOut = absent.size > 0 ? sources.map((source) => source.joins).join('\n') : '';
  const required = checkRequirements(placed, joins.extensions, leftOut);
  const faults = [...joins.faults, ...checkMerges(placed), ...cacheFaults, ...rules.faults, ...required];
  if (faults.length > 0) throw new ComposeError(faults);
  const definitions = parse(WIRE_DIRECTIVES, { noLocation: true });
  const schema = stitchSchemas({
    subschemas: placed.sources.map((source) => ({
      schema: buildASTSchema(withDefinitions(toDocument(source), definitions), { assumeValidSDL: true }),
      // Only the types are wanted: fields get their resolvers when the serving process builds from the text.
      createProxyingResolver: () => () => undefined,
    })),
    typeDefs: [definitions, { kind: Kind.DOCUMENT, definitions: joins.extensions }],
    mergeTypes: true,
    assumeValidSDL: true,
  });
  const wired = withQuery(annotate(getDocumentNodeFromSchema(schema), placed, joins.extensions, rules.directives));
  const publicDocument = withoutWire(wired);
  check(publicDocument);
  const transports = placed.sources.map(withDefaults);
  return {
    privateText: `${transports.map(print).join('\n')}\n\n${printDefinitions(wired)}\n`,
    publicText: `${printDefinitions(publicDocument)}\n`,
    renamed: placed.renamed,
    shared: placed.shared,
    invalidations: invalidationsOf(placed),
    names: { types: placed.typeNames, fields: placed.fieldNames },
  };
}

/** Directives that clients may see; all others say how a field maps to the wire. */
const PUBLIC = new Set(['deprecated', 'specifiedBy', 'oneOf']);

/** The document as clients see it. */
export function withoutWire(document: DocumentNode): DocumentNode {
  return visit(document, { Directive: (node) => (PUBLIC.has(node.name.value) ? undefined : null) });
}

/** GraphQL wants a query type (spec §3.3.1), also where all sources only write. */
function withQuery(document: DocumentNode): DocumentNode {
  const query = document.definitions.find(
    (node) => node.kind === Kind.OBJECT_TYPE_DEFINITION && node.name.value === 'Query',
  );
  if (query && 'fields' in query && (query.fields?.length ?? 0) > 0) return document;
  const { definitions } = parse(
    'type Query { "No source has anything to read: this is always null." nothing: Boolean }',
    { noLocation: true },
  );
  return { ...document, definitions: [...document.definitions.filter((node) => node !== query), ...definitions] };
}

function withDefinitions(document: DocumentNode, definitions: DocumentNode): DocumentNode {
  return { kind: Kind.DOCUMENT, definitions: [...document.definitions, ...definitions.definitions] };
}

function check(document: DocumentNode): void {
  const errors = validateSchema(buildASTSchema(document, { assumeValidSDL: true }));
  if (errors.length > 0) {
    const faults = errors
      .slice(0, 50)
      .map((error) => ({ file: 'schemas/unified.graphql', line: 1, message: error.message }));
    throw new ComposeError(faults);
  }
}
