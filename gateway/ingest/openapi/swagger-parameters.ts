import { isRecord } from '../../lib/json.ts';

type Plain = Record<string, unknown>;

/** `collectionFormat` of Swagger 2.0 as a style; `tabDelimited` is ours, since OpenAPI 3 has no word for it. */
const STYLES: Readonly<Record<string, { style: string; explode: boolean }>> = {
  csv: { style: 'form', explode: false },
  ssv: { style: 'spaceDelimited', explode: false },
  tsv: { style: 'tabDelimited', explode: false },
  pipes: { style: 'pipeDelimited', explode: false },
  multi: { style: 'form', explode: true },
};
/** What separates the items of a list inside of a list, level by level: ours, since OpenAPI 3 has no word for it. */
export const INNER_SEPARATORS = 'x-inner-separators';
/** Levels beyond these are written as JSON. */
const MAX_LEVELS = 8;
const SEPARATORS = new Map([
  ['csv', ','],
  ['ssv', ' '],
  ['tsv', '\t'],
  ['pipes', '|'],
]);
/** Keys of a parameter that are not its schema in 3.x. */
const OWN_KEYS = new Set([
  ...['name', 'in', 'description', 'required', 'allowEmptyValue', 'collectionFormat', 'schema', 'deprecated'],
  ...['example', 'x-example', 'examples', 'style', 'explode', 'allowReserved', 'content'],
]);

/** A query, path or header parameter of Swagger 2.0 as one of 3.0; what is no parameter as it is. */
export function upgradeParameter(parameter: unknown): unknown {
  if (!isRecord(parameter) || parameter['in'] === undefined) return parameter;
  const kept = Object.entries(parameter).filter(
    ([key]) => OWN_KEYS.has(key) && key !== 'collectionFormat' && key !== 'x-example',
  );
  const example = parameter['example'] ?? parameter['x-example'];
  return {
    ...Object.fromEntries(kept),
    ...styleOf(parameter),
    ...(example === undefined ? {} : { example }),
    schema: schemaOf(parameter),
  };
}

/** The body that a `body` parameter or `formData` parameters stand for; undefined where there are none. */
export function upgradeBody(parameters: readonly Plain[], consumes: readonly string[]): Plain | undefined {
  const body = parameters.find((parameter) => parameter['in'] === 'body');
  if (body) {
    const content = contentOf(consumes.length > 0 ? consumes : ['application/json'], schemaOf(body));
    return { ...descriptionOf(body), required: body['required'] === true, content };
  }
  return parameters.length === 0 ? undefined : upgradeForm(parameters, consumes);
}

function upgradeForm(parameters: readonly Plain[], consumes: readonly string[]): Plain {
  const schemas = parameters.map((parameter): [string, Plain] => {
    return [String(parameter['name']), { ...schemaOf(parameter), ...descriptionOf(parameter) }];
  });
  const required = parameters.filter((parameter) => parameter['required'] === true).map(({ name }) => name);
  const schema = {
    type: 'object',
    properties: Object.fromEntries(schemas),
    ...(required.length > 0 ? { required } : {}),
  };
  const forms = consumes.filter((type) => /^(multipart\/form-data|application\/x-www-form-urlencoded)\b/i.test(type));
  const isFile = ({ format, items }: Plain): boolean => format === 'binary' || (isRecord(items) && isFile(items));
  // A file cannot be sent any other way, whatever is said to be consumed.
  const wanted = schemas.some(([, property]) => isFile(property))
    ? ['multipart/form-data']
    : forms.length > 0
      ? forms
      : ['application/x-www-form-urlencoded'];
  const encoding = Object.fromEntries(
    parameters.filter(({ type }) => type === 'array').map((each) => [String(each['name']), styleOf(each)]),
  );
  const content = contentOf(wanted, schema, Object.keys(encoding).length > 0 ? { encoding } : {});
  return { required: required.length > 0, content };
}

/** The same schema under each media type. */
export function contentOf(media: readonly string[], schema: unknown, more: Plain = {}): Plain {
  return Object.fromEntries(media.map((type) => [type, { schema, ...more }]));
}

/** Everything that 2.0 says about a value beside its parameter. */
export function schemaOf(parameter: Plain): Plain {
  const own = Object.fromEntries(Object.entries(parameter).filter(([key]) => !OWN_KEYS.has(key)));
  // Where 3.x is written in a 2.0 document, as some do, `schema` is what is meant.
  return isRecord(parameter['schema']) && own['type'] === undefined ? parameter['schema'] : own;
}

function styleOf(parameter: Plain): Plain {
  if (parameter['type'] !== 'array') return {};
  const inner = innerSeparators(parameter['items']);
  return { ...outerStyle(parameter), ...(inner.length > 0 ? { [INNER_SEPARATORS]: inner } : {}) };
}

/** Of each level of lists inside of the list: Swagger 2.0, Items Object, where `multi` does not exist. */
function innerSeparators(items: unknown, levels: readonly string[] = []): readonly string[] {
  if (!isRecord(items) || items['type'] !== 'array' || levels.length === MAX_LEVELS) return levels;
  const separator = SEPARATORS.get(String(items['collectionFormat'] ?? 'csv')) ?? ',';
  return innerSeparators(items['items'], [...levels, separator]);
}

function outerStyle(parameter: Plain): { style: string; explode: boolean } {
  const format = String(parameter['collectionFormat'] ?? 'csv');
  const isPlain = parameter['in'] === 'path' || parameter['in'] === 'header';
  if (isPlain && (format === 'csv' || format === 'multi')) return { style: 'simple', explode: false };
  return STYLES[format] ?? { style: isPlain ? 'simple' : 'form', explode: false };
}

function descriptionOf({ description }: Plain): Plain {
  return description === undefined ? {} : { description };
}
