/** Values that fit a schema of a contract, from what it says: examples, defaults, enums, formats, patterns, bounds. */
import fc from 'fast-check';
import { isRecord } from '../../gateway/lib/json.ts';

type Schema = Readonly<Record<string, unknown>>;

export type SampleContext = {
  /** What a reference leads to; undefined where it leads nowhere. */
  readonly resolve: (ref: string) => unknown;
  /** Whether a value that the contract itself offers fits: not every example does. */
  readonly fits: (schema: unknown, value: unknown) => boolean;
};

/** Stands for "no value can be made". */
export const NOTHING = Symbol('nothing');

/** Optional properties are filled in down to this level, required ones further. */
const FULL_DEPTH = 3;
const MAX_DEPTH = 12;

/** A value on the wire; {@link NOTHING} where the schema holds itself without end or allows no value. */
export function sample(schema: unknown, context: SampleContext, depth = 0): unknown {
  if (depth > MAX_DEPTH) return NOTHING;
  if (schema === false) return NOTHING;
  if (!isRecord(schema)) return 'any';
  const flat = flatten(schema, context, 0);
  for (const offered of offers(flat)) {
    if (offered !== null && context.fits(flat, offered)) return offered;
  }
  const options = [flat['oneOf'], flat['anyOf']].find((list) => Array.isArray(list) && list.length > 0);
  if (Array.isArray(options)) return sampleOption(flat, options, context, depth);
  const enumeration = flat['enum'];
  if (Array.isArray(enumeration)) return enumeration.find((value) => value !== null) ?? NOTHING;
  const type = typeOf(flat);
  if (type === 'object') return sampleObject(flat, context, depth);
  if (type === 'array') return sampleList(flat, context, depth);
  if (type === 'integer' || type === 'number') return sampleNumber(flat, type === 'integer');
  if (type === 'boolean') return true;
  return type === 'null' ? NOTHING : sampleText(flat);
}

function offers(schema: Schema): unknown[] {
  const { example, examples, default: fallback } = schema;
  const listed = Array.isArray(examples) ? examples : isRecord(examples) ? Object.values(examples) : [];
  return [schema['const'], example, ...listed, schema['x-example'], fallback].filter((value) => value !== undefined);
}

function typeOf(schema: Schema): string {
  const { type } = schema;
  const said = Array.isArray(type) ? type.find((name) => name !== 'null') : type;
  if (typeof said === 'string') return said;
  if (schema['properties'] !== undefined || schema['additionalProperties'] !== undefined) return 'object';
  return schema['items'] === undefined ? 'string' : 'array';
}

/** The schema with references followed and `allOf` united; what it says itself wins. */
function flatten(schema: Schema, context: SampleContext, hops: number): Schema {
  if (hops > MAX_DEPTH) return schema;
  const { $ref, allOf, ...own } = schema;
  const target = typeof $ref === 'string' ? context.resolve($ref) : undefined;
  const parts = [target, ...(Array.isArray(allOf) ? allOf : [])].filter(isRecord);
  return [...parts.map((part) => flatten(part, context, hops + 1)), own].reduce<Schema>(unite, {});
}

function unite(left: Schema, right: Schema): Schema {
  const properties = { ...recordOf(left['properties']), ...recordOf(right['properties']) };
  const required = [...listOf(left['required']), ...listOf(right['required'])];
  return {
    ...left,
    ...right,
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(required.length > 0 ? { required: [...new Set(required)] } : {}),
  };
}

function sampleOption(flat: Schema, options: readonly unknown[], context: SampleContext, depth: number): unknown {
  const { oneOf: _one, anyOf: _any, discriminator, ...base } = flat;
  for (const option of options) {
    const made = sample({ allOf: [base, option] }, context, depth + 1);
    if (made === NOTHING) continue;
    return isRecord(made) ? { ...made, ...markOf(discriminator, option) } : made;
  }
  return NOTHING;
}

/** The property that a discriminator wants, with the value that stands for the option (OpenAPI 3.1 §4.8.25). */
function markOf(discriminator: unknown, option: unknown): Record<string, unknown> {
  if (!isRecord(discriminator) || !isRecord(option) || typeof option['$ref'] !== 'string') return {};
  const ref = option['$ref'];
  const name = ref.split('/').at(-1);
  const mapped = Object.entries(recordOf(discriminator['mapping'])).find(([, to]) => to === ref || to === name);
  return { [String(discriminator['propertyName'])]: mapped?.[0] ?? name };
}

function sampleObject(flat: Schema, context: SampleContext, depth: number): unknown {
  const required = new Set(listOf(flat['required']));
  const made: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(recordOf(flat['properties']))) {
    if (isReadOnly(schema, context)) continue;
    if (!required.has(name) && depth >= FULL_DEPTH) continue;
    const value = sample(schema, context, depth + 1);
    if (value !== NOTHING) made[name] = value;
    else if (required.has(name)) return NOTHING;
  }
  const extra = flat['additionalProperties'];
  if (isRecord(extra) && Object.keys(made).length === 0) {
    const value = sample(extra, context, depth + 1);
    if (value !== NOTHING) made['key'] = value;
  }
  return made;
}

function isReadOnly(schema: unknown, context: SampleContext): boolean {
  return isRecord(schema) && flatten(schema, context, 0)['readOnly'] === true;
}

function sampleList(flat: Schema, context: SampleContext, depth: number): unknown {
  const least = numberOf(flat['minItems']) ?? 0;
  const count = Math.min(Math.max(least, 1), numberOf(flat['maxItems']) ?? 100);
  const items: unknown[] = [];
  for (let index = 0; index < count; index += 1) {
    const tuple = listOf(flat['prefixItems'])[index];
    const item = sample(tuple ?? flat['items'] ?? {}, context, depth + 1);
    if (item === NOTHING) return least === 0 ? [] : NOTHING;
    items.push(item);
  }
  return items;
}

function sampleNumber(flat: Schema, whole: boolean): number {
  const step = numberOf(flat['multipleOf']) ?? (whole ? 1 : 0.5);
  const above = flat['exclusiveMinimum'];
  const below = flat['exclusiveMaximum'];
  const least = typeof above === 'number' ? above + step : (numberOf(flat['minimum']) ?? Number.NaN);
  const most = typeof below === 'number' ? below - step : (numberOf(flat['maximum']) ?? Number.NaN);
  const first = Number.isNaN(least) ? Math.min(1, Number.isNaN(most) ? 1 : most) : least + (above === true ? step : 0);
  const last = below === true ? most - step : most;
  const rounded = whole ? Math.ceil(first / step) * step : first;
  return rounded > last ? last : rounded;
}

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-02T03:04:05Z',
  date: '2026-01-02',
  time: '03:04:05Z',
  duration: 'P1D',
  email: 'someone@mail.example',
  hostname: 'host.example',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://host.example/path',
  url: 'https://host.example/path',
  'uri-reference': '/path',
  uuid: '6f1c0e0a-7a3c-4b52-9d5e-2f1f6f0a9b11',
  byte: 'aGVsbG8=',
  binary: 'aGVsbG8=',
  int64: '9007199254740993',
};

function sampleText(flat: Schema): unknown {
  const least = numberOf(flat['minLength']) ?? 0;
  const most = numberOf(flat['maxLength']) ?? 1000;
  const { pattern, format } = flat;
  if (typeof pattern === 'string') {
    const text = matching(pattern, least, most);
    if (text !== undefined) return text;
  }
  const known = typeof format === 'string' ? FORMATS[format] : undefined;
  if (known !== undefined && known.length >= least && known.length <= most) return known;
  return 'text'.repeat(Math.ceil(Math.max(least, 1) / 4)).slice(0, Math.max(least, Math.min(most, 4)));
}

/** A text of the pattern, the same on every run. */
function matching(pattern: string, least: number, most: number): string | undefined {
  try {
    const texts = fc.sample(fc.stringMatching(new RegExp(pattern, 'u')), { numRuns: 50, seed: 1 });
    // Plain ones first: what a pattern allows at its edges is not what is tested here.
    const fitting = texts.filter((text) => text.length >= least && text.length <= most && text !== '');
    return fitting.find((text) => /^[\w .:-]+$/.test(text)) ?? fitting[0];
  } catch {
    return undefined;
  }
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
