type Plain = Record<string, unknown>;
type JsonSchema = Readonly<Plain>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
/** Keys of a parameter that are no part of its schema in OpenAPI 3. */
const NO_SCHEMA = new Set(['name', 'in', 'required', 'description', 'collectionFormat', 'allowEmptyValue']);
/** Between the values of a list (Swagger 2.0, Parameter Object); `multi` repeats the name and has none. */
const SEPARATORS: Readonly<Record<string, string>> = { csv: ',', ssv: ' ', tsv: '\t', pipes: '|' };

/** An operation stands under its method, as in the contract. */
type OpenapiParts = {
  openapi: string;
  paths: Record<string, Plain>;
  components: { schemas: Record<string, JsonSchema> };
};

/** What this server needs of a Swagger 2.0 document, in the form OpenAPI 3.0 gives it. */
export function fromSwagger(document: Plain): OpenapiParts {
  const paths = Object.entries(recordOf(document['paths'])).map(([path, item]) => {
    const { parameters, ...rest } = recordOf(item);
    const operations = Object.entries(rest).flatMap(([method, operation]) =>
      METHODS.includes(method) ? [[method, upgrade(document, recordOf(operation), listOf(parameters))]] : [],
    );
    return [path, Object.fromEntries(operations)];
  });
  return {
    openapi: '3.0.3',
    paths: Object.fromEntries(paths),
    components: { schemas: moveRefs(recordOf(document['definitions'])) as Record<string, JsonSchema> },
  };
}

function upgrade(document: Plain, operation: Plain, shared: readonly unknown[]): Plain {
  const all = [...shared, ...listOf(operation['parameters'])].map((entry) => resolve(document, recordOf(entry)));
  const body = all.find((parameter) => parameter['in'] === 'body');
  const form = all.filter((parameter) => parameter['in'] === 'formData');
  const content =
    body !== undefined
      ? { 'application/json': { schema: moveRefs(body['schema']) } }
      : { 'multipart/form-data': { schema: formSchema(form) } };
  return {
    operationId: operation['operationId'],
    parameters: all.filter((parameter) => parameter !== body && !form.includes(parameter)).map(upgradeParameter),
    ...(body !== undefined || form.length > 0 ? { requestBody: { required: true, content } } : {}),
  };
}

function upgradeParameter(parameter: Plain): Plain {
  const { name, in: place, required, collectionFormat = 'csv' } = parameter;
  const separator = parameter['type'] === 'array' ? SEPARATORS[String(collectionFormat)] : undefined;
  return { name, in: place, required: required === true, schema: schemaOf(parameter), separator };
}

function formSchema(form: readonly Plain[]): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    required: form.filter(({ required }) => required === true).map(({ name }) => name),
    properties: Object.fromEntries(form.map((parameter) => [String(parameter['name']), schemaOf(parameter)])),
  };
}

function schemaOf(parameter: Plain): JsonSchema {
  // A file is an object here: its bytes with their media type.
  if (parameter['type'] === 'file') return { type: 'object' };
  return Object.fromEntries(Object.entries(parameter).filter(([key]) => !NO_SCHEMA.has(key)));
}

function resolve(document: Plain, entry: Plain): Plain {
  const ref = entry['$ref'];
  if (typeof ref !== 'string') return entry;
  const found = recordOf(document['parameters'])[ref.replace('#/parameters/', '')];
  if (found === undefined) throw new Error(`the contract has no ${ref}`);
  return recordOf(found);
}

function moveRefs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moveRefs);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    if (key === '$ref' && typeof inner === 'string')
      return [key, inner.replace('#/definitions/', '#/components/schemas/')];
    return [key === 'x-nullable' ? 'nullable' : key, moveRefs(inner)];
  });
  return Object.fromEntries(entries);
}

function recordOf(value: unknown): Plain {
  return typeof value === 'object' && value !== null ? (value as Plain) : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
