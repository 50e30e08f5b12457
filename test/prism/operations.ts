/** One GraphQL operation for every root field of a REST source, with arguments made from the contract. */
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type GraphQLField, type GraphQLSchema, isNonNullType } from 'graphql';
import { readContract } from '../../gateway/ingest/openapi/read.ts';
import { isRecord } from '../../gateway/lib/json.ts';
import { directivesNamed } from '../../gateway/lib/sdl.ts';
import { encodeElement } from './encode.ts';
import { NOTHING, type SampleContext, sample } from './sample.ts';
import { selectionOf } from './selection.ts';

export type AskedOperation = {
  readonly field: string;
  /** `GET /path` of the contract. */
  readonly wireName: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Arguments that could not be given, and why: each is a line of the report. */
  readonly faults: readonly string[];
  /** Whether the contract has an answer that is no error. */
  readonly canSucceed: boolean;
};

type Json = Record<string, unknown>;

/** @param file the contract the schema was made of */
export async function makeOperations(file: string, schema: GraphQLSchema): Promise<AskedOperation[]> {
  const { document, version, resolve } = await readContract(file);
  const follow = (ref: string): unknown => {
    const resolved = resolve(ref);
    return resolved.found ? resolved.value : undefined;
  };
  const context = { resolve: follow, fits: createCheck(document, version) };
  return (['query', 'mutation'] as const).flatMap((kind) => {
    const type = kind === 'query' ? schema.getQueryType() : schema.getMutationType();
    return Object.values(type?.getFields() ?? {}).flatMap((field) => {
      const [wire] = directivesNamed(field.astNode, 'httpOperation');
      if (wire === undefined) return [];
      const item = recordOf(document['paths'])[String(wire['path'])];
      const operation = asRecord(follow, asRecord(follow, item)[String(wire['httpMethod']).toLowerCase()]);
      return [makeOperation(schema, kind, field, wire, { operation, item: asRecord(follow, item), follow, context })];
    });
  });
}

type Place = { operation: Json; item: Json; follow: (ref: string) => unknown; context: SampleContext };

function makeOperation(
  schema: GraphQLSchema,
  kind: string,
  field: GraphQLField<unknown, unknown>,
  wire: Json,
  place: Place,
): AskedOperation {
  const variables: Record<string, unknown> = {};
  const faults: string[] = [];
  for (const arg of field.args) {
    const found = schemaOf(arg.name, wire, place);
    const value = found === undefined ? NOTHING : sample(found.schema, place.context);
    const encoded = value === NOTHING ? undefined : encodeElement(arg, value);
    if (encoded !== undefined) variables[arg.name] = encoded.value;
    else if (isNonNullType(arg.type) || value !== NOTHING)
      faults.push(`${arg.name}: ${JSON.stringify(value === NOTHING ? 'no value' : value)} is no ${String(arg.type)}`);
  }
  const given = field.args.filter(({ name }) => name in variables);
  const declared = given.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ');
  const args = given.map(({ name }) => `${name}: $${name}`).join(', ');
  const open = (text: string): string => (text === '' ? '' : `(${text})`);
  const statuses = Object.keys(recordOf(place.operation['responses']));
  return {
    field: field.name,
    wireName: `${String(wire['httpMethod'])} ${String(wire['path'])}`,
    query: `${kind} ${open(declared)} { ${field.name}${open(args)} ${selectionOf(schema, field.type)} }`,
    variables,
    faults,
    canSucceed: statuses.length === 0 || statuses.some((status) => /^(2|default)/i.test(status)),
  };
}

/** The schema that the contract has for an argument. */
function schemaOf(arg: string, wire: Json, { operation, item, follow }: Place): { schema: unknown } | undefined {
  const body = wire['body'];
  if (isRecord(body) && body['arg'] === arg) {
    const content = recordOf(asRecord(follow, operation['requestBody'])['content']);
    const mediaType = String(body['mediaType']);
    const media = content[mediaType] ?? Object.values(content)[0];
    const { schema, example, examples } = recordOf(media);
    return { schema: offered(schema, example, examples, follow) };
  }
  const param = (Array.isArray(wire['params']) ? wire['params'] : [])
    .filter(isRecord)
    .find((each) => each['arg'] === arg);
  if (param === undefined) return undefined;
  const all = [item['parameters'], operation['parameters']]
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .map((entry) => asRecord(follow, entry));
  const parameter = all.findLast(({ name, in: location }) => name === param['name'] && location === param['in']);
  if (parameter === undefined) return { schema: { type: 'string' } };
  const content = Object.values(recordOf(parameter['content']))[0];
  const { schema = recordOf(content)['schema'], example, examples } = parameter;
  return { schema: offered(schema, example ?? parameter['x-example'], examples, follow) };
}

/** Examples beside a schema go before those inside it. */
function offered(schema: unknown, example: unknown, examples: unknown, follow: Place['follow']): unknown {
  const named = Object.values(recordOf(examples)).map((each) => asRecord(follow, each)['value']);
  const [first] = [example, ...named].filter((value) => value !== undefined);
  return first === undefined ? schema : { allOf: [schema ?? {}], example: first };
}

/** Whether a value fits a schema of the document, by a validator of JSON Schema. */
function createCheck(document: Json, version: string): SampleContext['fits'] {
  const Dialect = version.startsWith('3.1') ? Ajv2020 : Ajv;
  const ajv = new Dialect({ strict: false, validateSchema: false, logger: false });
  addFormats.default(ajv);
  const { components } = document;
  return (schema, value) => {
    try {
      return ajv.compile({ allOf: [schema], components })(value) === true;
    } catch {
      // A schema that the validator cannot read: what it offers is not trusted.
      return false;
    }
  };
}

function asRecord(follow: (ref: string) => unknown, value: unknown): Json {
  const ref = isRecord(value) ? value['$ref'] : undefined;
  const target = typeof ref === 'string' ? follow(ref) : undefined;
  return { ...recordOf(target), ...recordOf(value) };
}

function recordOf(value: unknown): Json {
  return isRecord(value) ? value : {};
}
