/** A value on the wire as the GraphQL input that stands for it: what the connector does, backwards and written anew. */
import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isScalarType,
} from 'graphql';
import { isRecord } from '../../gateway/lib/json.ts';
import { directivesNamed } from '../../gateway/lib/sdl.ts';

/** `dropped`: how many properties have no place in the input. */
export type Encoded = { readonly value: unknown; readonly dropped: number };

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

type Element = Pick<GraphQLArgument | GraphQLInputField, 'name' | 'type' | 'astNode'>;

/** Undefined where the input cannot say it. */
export function encodeElement(element: Element, wire: unknown): Encoded | undefined {
  const isMap = directivesNamed(element.astNode, 'dictionary').length > 0;
  return isMap ? encodeMap(element.type, wire) : encode(element.type, wire);
}

/** The name that an argument or field has on the wire. */
export function wireName({ name, astNode }: Pick<Element, 'name' | 'astNode'>): string {
  return String(directivesNamed(astNode, 'resolveRootField')[0]?.['field'] ?? name);
}

function encode(type: GraphQLInputType, wire: unknown): Encoded | undefined {
  if (isNonNullType(type)) return wire === null ? undefined : encode(type.ofType, wire);
  if (wire === null) return { value: null, dropped: 0 };
  if (isListType(type)) return Array.isArray(wire) ? all(wire.map((item) => encode(type.ofType, item))) : undefined;
  if (isInputObjectType(type)) return type.isOneOf ? encodeChoice(type, wire) : encodeObject(type, wire);
  if (isEnumType(type)) {
    const value = type.getValues().find((each) => each.value === wire);
    return value && { value: value.name, dropped: 0 };
  }
  if (!isScalarType(type) || !fitsScalar(type.name, wire)) return undefined;
  // Raw bytes on the wire, base64 in GraphQL; what is base64 already may be either.
  if (type.name === 'Bytes' && typeof wire === 'string' && !BASE64.test(wire))
    return { value: Buffer.from(wire).toString('base64'), dropped: 0 };
  const value = isRecord(wire) && type.name !== 'JSON' ? undefined : wire;
  return parses(type, value) ? { value, dropped: 0 } : undefined;
}

function fitsScalar(name: string, wire: unknown): boolean {
  if (name === 'String' || name === 'ID') return typeof wire === 'string';
  if (name === 'Int' || name === 'Float') return typeof wire === 'number';
  return true;
}

function parses(type: GraphQLInputType & { parseValue?: (value: unknown) => unknown }, value: unknown): boolean {
  try {
    return value !== undefined && type.parseValue?.(value) !== undefined;
  } catch {
    return false;
  }
}

/** The choice that keeps most of the value. */
function encodeChoice(type: GraphQLInputObjectType, wire: unknown): Encoded | undefined {
  let best: Encoded | undefined;
  for (const field of Object.values(type.getFields())) {
    const made = encodeElement(field, wire);
    if (made !== undefined && (best === undefined || made.dropped < best.dropped))
      best = { value: { [field.name]: made.value }, dropped: made.dropped };
  }
  return best;
}

function encodeObject(type: GraphQLInputObjectType, wire: unknown): Encoded | undefined {
  if (!isRecord(wire)) return undefined;
  const fields = Object.values(type.getFields());
  const isRest = (field: GraphQLInputField): boolean =>
    directivesNamed(field.astNode, 'dictionary').some((args) => args['rest'] === true);
  const known = new Set(fields.filter((field) => !isRest(field)).map(wireName));
  const others = Object.fromEntries(Object.entries(wire).filter(([name]) => !known.has(name)));
  const made: Record<string, unknown> = {};
  let dropped = fields.some(isRest) ? 0 : Object.keys(others).length;
  for (const field of fields) {
    const inner = isRest(field) ? others : wire[wireName(field)];
    if (inner === undefined) {
      if (isNonNullType(field.type) && field.defaultValue === undefined) return undefined;
      continue;
    }
    const encoded = encodeElement(field, inner);
    if (encoded === undefined) return undefined;
    made[field.name] = encoded.value;
    dropped += encoded.dropped;
  }
  return { value: made, dropped };
}

/** A map is a list of entries; a list of maps a list of such lists. */
function encodeMap(type: GraphQLInputType, wire: unknown): Encoded | undefined {
  if (Array.isArray(wire)) return all(wire.map((item) => encodeMap(type, item)));
  const entry = getNamedType(type);
  const field = isInputObjectType(entry) ? entry.getFields()['value'] : undefined;
  if (field === undefined || !isRecord(wire)) return undefined;
  const entries = Object.entries(wire).map(([key, inner]) => {
    const encoded = encodeElement(field, inner);
    return encoded && { value: { key, value: encoded.value }, dropped: encoded.dropped };
  });
  return all(entries);
}

function all(items: readonly (Encoded | undefined)[]): Encoded | undefined {
  const found = items.filter((item) => item !== undefined);
  if (found.length < items.length) return undefined;
  return { value: found.map(({ value }) => value), dropped: found.reduce((sum, { dropped }) => sum + dropped, 0) };
}
