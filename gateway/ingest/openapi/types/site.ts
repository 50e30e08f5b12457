/** Schemas and where they stand: references followed, wrappers taken off. */
import { isRecord } from '../../../lib/json.ts';
import { pascalCase } from '../../../lib/names.ts';

export type Schema = Readonly<Record<string, unknown>>;

/** A schema, where it stands in the contract, and what its type is called when it has no name of its own. */
export type Site = {
  schema: unknown;
  pointer: string;
  name: string;
  /** Where the items of a list stand that the contract writes otherwise than as `items`. */
  itemsKey?: string;
};

/** What a `$ref` leads to. */
export type Resolved =
  | { found: true; value: unknown; ref: string; pointer: string }
  | { found: false; ref: string; reason: string };
export type Resolve = (ref: string) => Resolved;

/** A site at the end of its references. */
export type Located = Site & {
  /** Canonical reference, where the schema has a name in the contract. */
  ref?: string;
  nullable: boolean;
  /** Why the schema cannot be read. */
  fault?: string;
};

const MAX_HOPS = 64;
/** Names of types are made of all that they stand in: cut off here, they still differ by a number. */
const MAX_NAME = 240;
/** Keywords that say something about a schema without changing what values it allows (JSON Schema 2020-12, meta-data vocabulary; OpenAPI 3.x). */
const ANNOTATIONS = new Set([
  ...['title', 'description', 'summary', 'default', 'example', 'examples', 'deprecated', 'readOnly', 'writeOnly'],
  ...['nullable', 'externalDocs', 'xml', '$comment', '$schema', '$id', '$anchor', 'id'],
]);

/** Whether a keyword shapes values. */
export function isConstraint(keyword: string): boolean {
  return !ANNOTATIONS.has(keyword) && !keyword.startsWith('x-');
}

/**
 * Follows references, and wrappers that only stand for one other schema: `allOf: [X]` beside texts, `anyOf: [X, null]`.
 */
export function locate(site: Site, resolve: Resolve): Located {
  let at: Located = { ...site, nullable: false };
  for (let hops = 0; hops < MAX_HOPS; hops += 1) {
    const { schema } = at;
    if (!isRecord(schema)) return at;
    const nullable = at.nullable || schema['nullable'] === true || schema['x-nullable'] === true;
    const constraints = Object.keys(schema).filter(isConstraint);
    const [only] = constraints;
    if (only === undefined || constraints.length > 1) return { ...at, nullable };
    if (only === '$ref') {
      const target = resolve(String(schema['$ref']));
      if (!target.found) return { ...at, nullable, fault: `\`${target.ref}\` ${target.reason}` };
      at = {
        schema: target.value,
        pointer: target.pointer,
        name: nameOfRef(target.ref) ?? at.name,
        ref: target.ref,
        nullable,
      };
      continue;
    }
    const wrapped = onlyMember(schema, only, at);
    if (wrapped === undefined) return { ...at, nullable };
    at = { ...wrapped.member, nullable: nullable || wrapped.nullable };
  }
  return { ...at, fault: 'its references lead in a circle' };
}

function onlyMember(schema: Schema, keyword: string, at: Located): { member: Site; nullable: boolean } | undefined {
  if (keyword !== 'allOf' && keyword !== 'oneOf' && keyword !== 'anyOf') return undefined;
  const members = membersOf(schema, keyword, at);
  const rest = members.filter(({ schema: member }) => !isNull(member));
  // `allOf` with null beside others allows nothing; it is read as written.
  if (keyword === 'allOf' && rest.length < members.length) return undefined;
  const [member, second] = rest;
  if (!member || second) return undefined;
  return { member: { ...member, name: at.name }, nullable: rest.length < members.length };
}

/** The members of a keyword that holds a list of schemas. */
export function membersOf(schema: Schema, keyword: string, at: Pick<Site, 'pointer' | 'name'>): Site[] {
  const members = schema[keyword];
  if (!Array.isArray(members)) return [];
  return members.map((member: unknown, index) => ({
    schema: member,
    pointer: `${at.pointer}/${keyword}/${index}`,
    name: at.name,
  }));
}

export function isNull(schema: unknown): boolean {
  if (!isRecord(schema)) return false;
  if (schema['type'] === 'null' || schema['const'] === null) return true;
  // How OpenAPI 3.0 is made to say it among alternatives.
  if (schema['nullable'] === true && !Object.keys(schema).some(isConstraint)) return true;
  const { type, enum: values } = schema;
  if (Array.isArray(type) && type.length === 1 && type[0] === 'null') return true;
  return Array.isArray(values) && values.length === 1 && values[0] === null;
}

/** Last steps of references that are no names: `#/paths/…/content/application~1json/schema`, `…/items`, `…/oneOf/1`. */
const NAMELESS = /^(schema|items|additionalProperties|\d+)$/;

/** `#/components/schemas/order_item` → `OrderItem`; `common.yaml#/Pet` → `Pet`; a whole file gives its name. */
export function nameOfRef(ref: string): string | undefined {
  const [file = '', pointer = ''] = ref.split('#');
  const last = pointer.split('/').at(-1) || (file.split('/').at(-1) ?? '').replace(/\.\w+$/, '');
  return NAMELESS.test(last) ? undefined : typeName(unescaped(last));
}

/** The raw last part of a reference: what a discriminator without mapping is compared with (OpenAPI 3.1 §4.8.25). */
export function rawNameOfRef(ref: string): string {
  return unescaped(ref.split('/').at(-1) ?? '');
}

function unescaped(part: string): string {
  const plain = part.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}

/** A name for a type out of any text; letters that GraphQL does not know leave what is there. */
export function typeName(text: string): string {
  const name = pascalCase(text.slice(0, MAX_NAME));
  return /[A-Za-z]/.test(name) ? name : `Type${name.replace(/^_+/, '')}`;
}

/** What a type is called that has no name of its own, after what it stands in. */
export function nameBelow(outer: string, part: string): string {
  return (outer + part).slice(0, MAX_NAME);
}

/** `a/b~c` as one step of a JSON pointer (RFC 6901 §3). */
export function pointerPart(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Keys under which a flat description is a type of its own. */
export function objectKey(at: Pick<Located, 'ref' | 'pointer'>, side: 'out' | 'in'): string {
  return `${side} ${at.ref ?? at.pointer}`;
}

/** `anyOf: [{ required: [a] }, { required: [b] }]` beside properties. */
export function isMereCondition(schema: unknown): boolean {
  if (!isRecord(schema)) return true;
  const constraints = Object.keys(schema).filter(isConstraint);
  return (
    constraints.length > 0 &&
    constraints.every((key) => ['required', 'not', 'minProperties', 'if', 'then'].includes(key))
  );
}
