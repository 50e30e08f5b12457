import { isRecord } from '../../lib/json.ts';
import { pascalCase, singular, uniqueName } from '../../lib/names.ts';

type Schema = Record<string, unknown>;

/** What would make Mesh invent one scalar type per property; the server checks these, not the gateway. */
const CHECKS = [
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
];
const MAX_EXAMPLE_CHARS = 120;
const MAX_DEPTH = 200;

/** Names every anonymous type after where it stands and puts each schema in the form that Mesh reads without loss. In place. */
export function prepareSchemas(components: Record<string, unknown>, paths: Record<string, unknown>): void {
  const walk = createWalk();
  // By name: in which order a contract lists its schemas changes nothing.
  const named = Object.entries(components).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [key, schema] of named) walk.reserve(pascalCase(key), schema);
  for (const [key, schema] of named) walk.visit(schema, pascalCase(key), 0);
  for (const item of Object.values(paths)) {
    for (const operation of Object.values(item as Record<string, Schema>)) visitOperation(operation, walk);
  }
}

type Walk = ReturnType<typeof createWalk>;

function visitOperation(operation: Schema, walk: Walk): void {
  const base = pascalCase(String(operation['operationId']));
  for (const parameter of operation['parameters'] as Schema[]) {
    describeParameter(parameter);
    walk.visit(parameter['schema'], base + pascalCase(String(parameter['name'])), 0);
  }
  walk.visit(firstContent((operation['requestBody'] as Schema | undefined)?.['content']), base, 0);
  for (const response of Object.values(operation['responses'] as Record<string, Schema>)) {
    walk.visit(firstContent(response['content']), `${base}Response`, 0);
  }
}

/** Mesh takes an argument's text from the schema, so what the parameter says goes there. A reference has no room for it. */
function describeParameter(parameter: Schema): void {
  const schema = parameter['schema'];
  if (!isRecord(schema) || typeof schema['$ref'] === 'string') {
    describeExample(parameter, parameter['example']);
    return;
  }
  schema['description'] = parameter['description'] ?? schema['description'];
  schema['example'] = parameter['example'] ?? schema['example'];
}

function firstContent(content: unknown): unknown {
  const [media] = isRecord(content) ? Object.values(content) : [];
  return isRecord(media) ? media['schema'] : undefined;
}

function createWalk() {
  const seen = new WeakSet<object>();
  const titles = new Set<string>();

  function reserve(title: string, schema: unknown): void {
    if (isRecord(schema) && typeof schema['$ref'] !== 'string') schema['title'] = uniqueName(title, titles);
  }

  function visit(schema: unknown, name: string, depth: number): void {
    if (!isRecord(schema) || seen.has(schema) || depth > MAX_DEPTH) return;
    seen.add(schema);
    normalize(schema);
    if (typeof schema['$ref'] === 'string') {
      for (const key of Object.keys(schema)) if (key !== '$ref') delete schema[key];
      return;
    }
    if (!titles.has(String(schema['title'])) || depth > 0) {
      delete schema['title'];
      if (isNamedType(schema)) schema['title'] = uniqueName(name, titles);
    }
    const own = typeof schema['title'] === 'string' ? schema['title'] : name;
    for (const [key, inner] of Object.entries(asRecord(schema['properties'])))
      visit(inner, own + pascalCase(key), depth + 1);
    visit(schema['items'], schema['title'] === undefined ? singularTail(own) : `${own}Item`, depth + 1);
    visit(schema['additionalProperties'], `${own}Value`, depth + 1);
    for (const key of ['oneOf', 'anyOf', 'allOf']) {
      const members = schema[key];
      if (!Array.isArray(members)) continue;
      for (const [index, member] of members.entries())
        visit(member, `${own}${memberName(member, key, index)}`, depth + 1);
    }
  }

  return { reserve, visit };
}

function singularTail(name: string): string {
  const item = singular(name);
  return item === name ? `${name}Item` : item;
}

function memberName(member: unknown, key: string, index: number): string {
  const title = isRecord(member) && typeof member['title'] === 'string' ? pascalCase(member['title']) : '';
  return title === '' || title.length > 40 ? `${key === 'allOf' ? 'Part' : 'Option'}${index + 1}` : title;
}

/** Brings OpenAPI 3.0 and 3.1 spellings to one: `nullable`, a single type, `enum` for `const`; drops checks; shows examples. */
function normalize(schema: Schema): void {
  if (Array.isArray(schema['type'])) {
    const types = schema['type'].filter((type) => type !== 'null');
    if (types.length < schema['type'].length) schema['nullable'] = true;
    if (types.length === 1) schema['type'] = types[0];
    else delete schema['type'];
  }
  if ('const' in schema && schema['enum'] === undefined) schema['enum'] = [schema['const']];
  delete schema['const'];
  for (const key of ['oneOf', 'anyOf']) dropNullMember(schema, key);
  unwrapSingle(schema);
  for (const check of CHECKS) delete schema[check];
  const examples = schema['examples'];
  describeExample(schema, schema['example'] ?? (Array.isArray(examples) ? examples[0] : undefined));
  delete schema['example'];
  delete schema['examples'];
  if (Array.isArray(schema['enum'])) schema['enum'] = [...new Set(schema['enum'])].filter((value) => value !== null);
  relaxNullable(schema);
}

/** `anyOf: [X, null]` is a nullable X. */
function dropNullMember(schema: Schema, key: string): void {
  const members = schema[key];
  if (!Array.isArray(members)) return;
  const rest = members.filter((member) => !(isRecord(member) && member['type'] === 'null'));
  if (rest.length === members.length) return;
  schema['nullable'] = true;
  schema[key] = rest;
}

/** `allOf: [X]` beside texts and `nullable` is how OpenAPI 3.0 says more about a reference: X, and no type of its own. */
function unwrapSingle(schema: Schema): void {
  for (const key of ['allOf', 'oneOf', 'anyOf']) {
    const members = schema[key];
    if (!Array.isArray(members) || members.length !== 1) continue;
    const [only] = members;
    if (!isRecord(only) || typeof only['$ref'] !== 'string' || schema['properties'] !== undefined) continue;
    delete schema[key];
    schema['$ref'] = only['$ref'];
    return;
  }
}

/** A property that is required but may be null is no non-null field. */
function relaxNullable(schema: Schema): void {
  if (!Array.isArray(schema['required'])) return;
  const properties = asRecord(schema['properties']);
  schema['required'] = schema['required'].filter((name) => !mayBeNull(properties[String(name)]));
}

function mayBeNull(schema: unknown): boolean {
  if (!isRecord(schema)) return false;
  if (schema['nullable'] === true || (Array.isArray(schema['type']) && schema['type'].includes('null'))) return true;
  return ['oneOf', 'anyOf'].some((key) => {
    const members = schema[key];
    return Array.isArray(members) && members.some((member) => isRecord(member) && member['type'] === 'null');
  });
}

function describeExample(schema: Schema, example: unknown): void {
  if (example === undefined || example === null || typeof example === 'object') return;
  const text = String(example);
  if (text.length > MAX_EXAMPLE_CHARS || text.includes('`')) return;
  const before = typeof schema['description'] === 'string' ? `${schema['description']}\n\n` : '';
  schema['description'] = `${before}Example: \`${text}\``;
}

function isNamedType(schema: Schema): boolean {
  if (Array.isArray(schema['enum'])) return schema['type'] === undefined || schema['type'] === 'string';
  return (
    ['properties', 'oneOf', 'anyOf', 'allOf'].some((key) => schema[key] !== undefined) || schema['type'] === 'object'
  );
}

function asRecord(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}
