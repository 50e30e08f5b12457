import { isRecord } from '../../lib/json.ts';

/** A parsed OpenAPI document; nothing about it is checked but that it is an object and says its version. */
export type OpenapiDocument = Record<string, unknown>;

/** A place in one of the files of a contract; `file` is empty for the main document. */
export type Location = { file: string; tokens: readonly string[] };

/** A part of a file that has an address of its own (JSON Schema 2020-12 §8.2.1): the file itself, or a schema with `$id`. */
export type Resource = Location & { id: string | undefined };

/** A reference as it stands: `holder[key]` is its text, relative to the resource. */
export type RefSite = { holder: Record<string, unknown>; key: string; resource: Resource };

export type Site =
  | ({ kind: 'ref' } & RefSite)
  | { kind: 'resource'; resource: Resource }
  | { kind: 'anchor'; name: string; resource: Resource; tokens: readonly string[] };

/** Under these keys stand names that the contract chose; under a name stands an object of OpenAPI again. */
const MAPS = new Set([
  ...['paths', 'webhooks', 'pathItems', 'schemas', 'responses', 'parameters', 'requestBodies', 'headers', 'links'],
  ...['callbacks', 'content', 'encoding', 'variables', 'mapping', 'definitions', '$defs', 'properties'],
  ...['patternProperties', 'dependentSchemas'],
]);
/** Under these stand values of the service: a `$ref` in there is data. */
const DATA = new Set(['example', 'examples', 'default', 'enum', 'const']);

/** Whether names that the contract chose stand under a keyword. */
export function isMap(keyword: string): boolean {
  return MAPS.has(keyword);
}

/** Whether a value of the service stands under a keyword. */
export function isData(keyword: string): boolean {
  return DATA.has(keyword);
}

/**
 * Every reference of a file, every schema with an address of its own and every anchor, in the order of the text. What YAML
 * aliases share is visited once.
 */
export function visitSites(root: unknown, file: string, visit: (site: Site) => void): void {
  const seen = new WeakSet<object>();
  const path: string[] = [];

  function visitInner(key: string, value: unknown, resource: Resource, names: boolean): void {
    path.push(key);
    walk(value, resource, names);
    path.pop();
  }

  function walk(value: unknown, outer: Resource, names: boolean): void {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) visitInner(String(index), item, outer, false);
      return;
    }
    const record = value as Record<string, unknown>;
    const resource = names ? outer : ownSites(record, outer);
    for (const [key, inner] of Object.entries(record)) {
      if (names || !isData(key)) visitInner(key, inner, resource, !names && isMap(key));
    }
  }

  function ownSites(record: Record<string, unknown>, outer: Resource): Resource {
    let resource = outer;
    const id = record['$id'];
    if (typeof id === 'string' && id.startsWith('#')) {
      visit({ kind: 'anchor', name: id.slice(1), resource, tokens: [...path] });
    } else if (typeof id === 'string') {
      resource = { file, tokens: [...path], id: absoluteId(id, outer.id) };
      visit({ kind: 'resource', resource });
    }
    for (const key of ['$anchor', '$dynamicAnchor']) {
      const name = record[key];
      if (typeof name === 'string') visit({ kind: 'anchor', name, resource, tokens: [...path] });
    }
    // Without a dynamic scope to look through it means what `$ref` means (JSON Schema 2020-12 §8.2.3.2).
    if (typeof record['$dynamicRef'] === 'string' && record['$ref'] === undefined) {
      record['$ref'] = record['$dynamicRef'];
      delete record['$dynamicRef'];
    }
    if (typeof record['$ref'] === 'string') visit({ kind: 'ref', holder: record, key: '$ref', resource });
    const mapping = isRecord(record['discriminator']) ? record['discriminator']['mapping'] : undefined;
    for (const [key, target] of Object.entries(isRecord(mapping) ? mapping : {})) {
      // Anything else is the name of a schema (OpenAPI 3.1 §4.8.25).
      if (isRecord(mapping) && typeof target === 'string' && /[#/]|\.(json|ya?ml)$/i.test(target))
        visit({ kind: 'ref', holder: mapping, key, resource });
    }
    return resource;
  }

  walk(root, { file, tokens: [], id: undefined }, false);
}

/** An `$id` or a reference in its absolute form, as far as there is something to be relative to. */
export function absoluteId(id: string, base: string | undefined): string {
  const [own = ''] = id.split('#');
  return base !== undefined && URL.canParse(own, base) ? new URL(own, base).href : own;
}

/** The parts of a JSON pointer as it stands in a URI fragment (RFC 6901 §6); undefined for what is no pointer. */
export function pointerTokens(fragment: string): string[] | undefined {
  if (fragment === '') return [];
  if (!fragment.startsWith('/')) return undefined;
  return fragment
    .slice(1)
    .split('/')
    .map((part) => percentDecode(part).replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A JSON pointer (RFC 6901 §3). */
export function pointerOf(tokens: readonly string[]): string {
  return tokens.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Takes percent-encoding off; text that is none stays as it is. */
export function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** One step into a value; undefined where there is none. What an object inherits is not there. */
export function stepInto(value: unknown, token: string): unknown {
  if (Array.isArray(value)) return /^(0|[1-9]\d{0,8})$/.test(token) ? value[Number(token)] : undefined;
  return isRecord(value) && Object.hasOwn(value, token) ? value[token] : undefined;
}
