/** A schema with everything that `allOf` and references bring in, as one flat description. */
import { isRecord } from '../../../lib/json.ts';
import { pascalCase } from '../../../lib/names.ts';
import { type Discriminator, emptyFlat, type Flat } from './flat.ts';
import {
  isConstraint,
  isMereCondition,
  isNull,
  type Located,
  membersOf,
  nameBelow,
  nameOfRef,
  pointerPart,
  type Resolve,
  type Schema,
  type Site,
} from './site.ts';

const MAX_DEPTH = 400;
const MAX_PROPERTIES = 5000;

/** Types that JSON Schema does not know, as contracts write them all the same. */
const ALIASES: Readonly<Record<string, string>> = {
  int: 'integer',
  long: 'integer',
  float: 'number',
  double: 'number',
  bool: 'boolean',
  dict: 'object',
  list: 'array',
};

/** Reads a schema whole. What members of `allOf` say is put together; where two describe one property, both hold. */
export function flatten(at: Located, resolve: Resolve): Flat {
  const flat = emptyFlat();
  flat.nullable = at.nullable;
  apply(flat, at, resolve, new Set(at.ref === undefined ? [] : [at.ref]), 0);
  flat.discriminator = readDiscriminator(at.schema);
  inferTypes(flat);
  addUndeclared(flat, at);
  return flat;
}

/** A property that is required and nowhere described may hold anything, and still has to be sent. */
function addUndeclared(flat: Flat, { pointer, name }: Located): void {
  if (flat.properties.size === 0 || isRecord(flat.extra)) return;
  for (const [index, property] of [...flat.required].entries()) {
    if (flat.properties.has(property)) continue;
    flat.properties.set(property, {
      schema: {},
      pointer: `${pointer}/required/${index}`,
      name: nameBelow(name, pascalCase(property)),
    });
  }
}

function apply(flat: Flat, at: Site, resolve: Resolve, seen: Set<string>, depth: number): void {
  const { schema } = at;
  if (schema === true || schema === undefined) return;
  if (!isRecord(schema)) {
    flat.fault ??= 'it allows no value';
    return;
  }
  if (depth > MAX_DEPTH) {
    flat.fault ??= `it is nested more than ${MAX_DEPTH} levels deep`;
    return;
  }
  if (typeof schema['$ref'] === 'string') {
    const target = resolve(schema['$ref']);
    if (!target.found) flat.fault ??= `\`${target.ref}\` ${target.reason}`;
    // A schema that is included again adds nothing, be it by itself or by another way.
    else if (!seen.has(target.ref)) {
      seen.add(target.ref);
      const inner = { schema: target.value, pointer: target.pointer, name: nameOfRef(target.ref) ?? at.name };
      apply(flat, inner, resolve, seen, depth + 1);
    }
  }
  for (const member of membersOf(schema, 'allOf', at)) apply(flat, member, resolve, seen, depth + 1);
  applyOwn(flat, schema, at);
}

function applyOwn(flat: Flat, schema: Schema, at: Site): void {
  const { type, format, items, minimum, maximum } = schema;
  const types = (Array.isArray(type) ? type : [type])
    .filter((each): each is string => typeof each === 'string')
    .map((each) => ALIASES[each] ?? each)
    .filter((each) => each !== 'any');
  if (types.includes('null') || schema['nullable'] === true || schema['x-nullable'] === true) flat.nullable = true;
  const own = types.filter((each) => each !== 'null');
  if (own.length > 0) narrow(flat, own);
  if (typeof format === 'string') flat.format = format;
  const { exclusiveMinimum, exclusiveMaximum } = schema;
  for (const bound of [minimum, exclusiveMinimum]) if (typeof bound === 'number') flat.minimum = bound;
  for (const bound of [maximum, exclusiveMaximum]) if (typeof bound === 'number') flat.maximum = bound;
  const { default: fallback, example, examples } = schema;
  for (const shown of [fallback, example, ...(Array.isArray(examples) ? examples : [])])
    if (typeof shown === 'number') flat.largest = Math.max(flat.largest, Math.abs(shown));
  applyObject(flat, schema, at);
  if (Array.isArray(schema['prefixItems']) || Array.isArray(items)) flat.tuple = true;
  else if (items !== undefined)
    flat.items = { schema: items, pointer: `${at.pointer}/${at.itemsKey ?? 'items'}`, name: at.name };
  applyValues(flat, schema);
  applyOptions(flat, schema, at);
}

function applyObject(flat: Flat, schema: Schema, at: Site): void {
  for (const [name, property] of isRecord(schema['properties']) ? Object.entries(schema['properties']) : []) {
    if (flat.properties.size >= MAX_PROPERTIES) break;
    const site = {
      schema: property,
      pointer: `${at.pointer}/properties/${pointerPart(name)}`,
      name: nameBelow(at.name, pascalCase(name)),
    };
    flat.properties.set(name, both(flat.properties.get(name), site));
  }
  const { required, additionalProperties: extra, patternProperties: patterns } = schema;
  for (const name of Array.isArray(required) ? required : []) flat.required.add(String(name));
  const [pattern] = isRecord(patterns) ? Object.entries(patterns) : [];
  if (isRecord(extra) && Object.keys(extra).some(isConstraint))
    flat.extra = { schema: extra, pointer: `${at.pointer}/additionalProperties`, name: nameBelow(at.name, 'Value') };
  else if (pattern)
    flat.extra = {
      schema: pattern[1],
      pointer: `${at.pointer}/patternProperties/${pointerPart(pattern[0])}`,
      name: nameBelow(at.name, 'Value'),
    };
  else if (extra !== undefined) flat.extra ??= extra !== false;
}

function applyValues(flat: Flat, schema: Schema): void {
  const written = 'const' in schema ? [schema['const']] : schema['enum'];
  if (!Array.isArray(written)) return;
  const values = [...new Set(written)].filter((value) => value !== null);
  if (values.length < new Set(written).size) flat.nullable = true;
  const before = flat.values;
  const common = before ? values.filter((value) => before.includes(value)) : values;
  flat.values = common.length > 0 ? common : values;
}

function applyOptions(flat: Flat, schema: Schema, at: Site): void {
  for (const keyword of ['oneOf', 'anyOf']) {
    const members = membersOf(schema, keyword, at);
    if (members.some(({ schema: member }) => isNull(member))) flat.nullable = true;
    // Members that only say which properties must stand together make no types.
    const options = members.filter(({ schema: member }) => !isNull(member) && !isMereCondition(member));
    if (options.length === 0 || options.length < members.filter(({ schema: member }) => !isNull(member)).length)
      continue;
    if (flat.options.length === 0) {
      flat.options = options;
      flat.exclusive = keyword === 'oneOf';
    } else flat.fault ??= 'it combines several lists of alternatives';
  }
}

/** Two descriptions of one property: both hold. */
function both(before: Site | undefined, after: Site): Site {
  if (!before || before.pointer === after.pointer || !says(before.schema)) return after;
  if (!says(after.schema)) return { ...before, schema: { ...(before.schema as Schema), ...textsOf(after.schema) } };
  const { pointer, name } = after;
  return {
    pointer,
    name,
    schema: { ...textsOf(before.schema), ...textsOf(after.schema), allOf: [before.schema, after.schema] },
  };
}

function says(schema: unknown): boolean {
  return isRecord(schema) && Object.keys(schema).some(isConstraint);
}

function textsOf(schema: unknown): Schema {
  if (!isRecord(schema)) return {};
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !isConstraint(key)));
}

/** Types that both allow; `number` allows integers. */
function narrow(flat: Flat, own: readonly string[]): void {
  if (flat.types.size > 0) {
    const common = own.filter((type) => flat.types.has(type) || (type === 'integer' && flat.types.has('number')));
    const wide = [...flat.types].filter((type) => type === 'integer' && own.includes('number'));
    flat.isContradictory ||= common.length + wide.length === 0;
    flat.types = new Set(common.length + wide.length === 0 ? own : [...common, ...wide]);
  } else flat.types = new Set(own);
}

function inferTypes(flat: Flat): void {
  if (flat.types.size > 0) {
    if (flat.types.has('number')) flat.types.delete('integer');
    return;
  }
  if (flat.properties.size > 0 || flat.extra !== undefined) flat.types.add('object');
  else if (flat.items || flat.tuple) flat.types.add('array');
  else for (const value of flat.values ?? []) flat.types.add(jsonType(value));
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value === 'boolean' || typeof value === 'string' ? typeof value : 'object';
}

function readDiscriminator(schema: unknown): Discriminator | undefined {
  const written = isRecord(schema) ? schema['discriminator'] : undefined;
  if (typeof written === 'string') return { property: written, mapping: new Map() };
  if (!isRecord(written) || typeof written['propertyName'] !== 'string') return undefined;
  const mapping = isRecord(written['mapping']) ? Object.entries(written['mapping']) : [];
  return {
    property: written['propertyName'],
    mapping: new Map(mapping.flatMap(([value, to]) => (typeof to === 'string' ? [[value, to] as const] : []))),
  };
}

/** Two descriptions put together: what surrounds a list of alternatives, and one of them. */
export function mergeFlats(a: Flat, b: Flat): Flat {
  const merged: Flat = { ...b, properties: new Map(a.properties), required: new Set([...a.required, ...b.required]) };
  for (const [name, site] of b.properties) merged.properties.set(name, both(a.properties.get(name), site));
  merged.types = b.types.size > 0 ? b.types : a.types;
  merged.extra = b.extra ?? a.extra;
  merged.nullable = b.nullable;
  merged.fault = a.fault ?? b.fault;
  return merged;
}
