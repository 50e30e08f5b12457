/** What a contract says of answers that are no success, so that a policy may let clients see it: the properties of their JSON. */
import { isRecord } from '../../lib/json.ts';
import { isJson } from './media.ts';
import { locate, membersOf, type Resolve } from './types/site.ts';

/** Declared properties by name, the items of a list, or a single value. */
export type ErrorShape = true | readonly [ErrorShape] | { readonly [name: string]: ErrorShape };

/** Levels of a shape, and properties of one in all: errors are small, and a circle has no end. */
const MAX_DEPTH = 4;
const MAX_PROPERTIES = 100;

/**
 * The JSON objects that failed answers of an operation are declared to be: statuses as the contract has them (`404`, `4XX`,
 * `default`) with blanks between them, and an `ErrorShape` as JSON text. Problem documents are not among them: their form is known
 * (RFC 9457).
 */
export function errorAnswers(responses: unknown, resolve: Resolve): [string, string][] {
  const byShape = new Map<string, string[]>();
  for (const [status, written] of isRecord(responses) ? Object.entries(responses) : []) {
    if (!/^([45](\d\d|XX)|default)$/i.test(status)) continue;
    const schema = jsonSchemaOf(written, resolve);
    const shape = schema === undefined ? undefined : shapeOf(schema, { resolve, left: MAX_PROPERTIES }, 0);
    if (shape === undefined || shape === true || Array.isArray(shape)) continue;
    const text = JSON.stringify(shape);
    byShape.set(text, [...(byShape.get(text) ?? []), status]);
  }
  return [...byShape].map(([shape, statuses]) => [statuses.join(' '), shape]);
}

function jsonSchemaOf(written: unknown, resolve: Resolve): unknown {
  const target = isRecord(written) && typeof written['$ref'] === 'string' ? resolve(written['$ref']) : undefined;
  const response = target?.found === true ? target.value : written;
  const content = isRecord(response) && isRecord(response['content']) ? response['content'] : {};
  const type = Object.keys(content).find((each) => isJson(each) && !/^application\/problem\+json/i.test(each));
  const media = type === undefined ? undefined : content[type];
  return isRecord(media) ? media['schema'] : undefined;
}

type Budget = { resolve: Resolve; left: number };

function shapeOf(written: unknown, budget: Budget, depth: number): ErrorShape | undefined {
  const { schema, fault } = locate({ schema: written, pointer: '', name: '' }, budget.resolve);
  if (fault !== undefined || !isRecord(schema)) return undefined;
  const properties = propertiesOf(schema, budget.resolve, 0);
  const isList = schema['type'] === 'array' || schema['items'] !== undefined;
  if (properties.size === 0 && !isList) return schema['type'] === 'object' ? undefined : true;
  if (depth >= MAX_DEPTH) return undefined;
  if (isList) {
    const item = shapeOf(schema['items'], budget, depth + 1);
    return item === undefined ? undefined : [item];
  }
  const shape: [string, ErrorShape][] = [];
  for (const [name, property] of properties) {
    if (budget.left <= 0) break;
    budget.left -= 1;
    const inner = shapeOf(property, budget, depth + 1);
    if (inner !== undefined) shape.push([name, inner]);
  }
  return shape.length === 0 ? undefined : Object.fromEntries(shape);
}

/** The properties of a schema and of those that it is made of: of alternatives, those of all. */
function propertiesOf(schema: Readonly<Record<string, unknown>>, resolve: Resolve, hops: number): Map<string, unknown> {
  const all = new Map<string, unknown>(Object.entries(isRecord(schema['properties']) ? schema['properties'] : {}));
  if (hops >= MAX_DEPTH) return all;
  for (const keyword of ['allOf', 'oneOf', 'anyOf']) {
    for (const member of membersOf(schema, keyword, { pointer: '', name: '' })) {
      const { schema: inner } = locate(member, resolve);
      if (!isRecord(inner)) continue;
      for (const [name, property] of propertiesOf(inner, resolve, hops + 1))
        if (!all.has(name)) all.set(name, property);
    }
  }
  return all;
}
