/** The parameters of an operation: which hold, how they travel, what they are called and made of. */
import { isRecord } from '../../lib/json.ts';
import { camelCase, graphqlName, pascalCase } from '../../lib/names.ts';
import type { WireParameter } from '../wire.ts';
import { INNER_SEPARATORS } from './swagger-parameters.ts';
import { pointerPart, type Resolve, type Site } from './types/site.ts';

/** An argument that is no body: where it goes stands in the operation's `params`. */
export type ArgumentSite = { arg: string; site: Site; required: boolean; description: string | undefined };

/** Parameters that OpenAPI 3.1 §4.8.12.2.1 tells readers to ignore. */
const IGNORED_HEADERS = new Set(['accept', 'content-type', 'authorization']);

export type Parameter = { value: Record<string, unknown>; pointer: string };

/** Parameters of the path item and the operation; the operation's own win (OpenAPI 3.1 §4.8.10). */
export function mergeParameters(
  found: { path: string; pointer: string; operation: Readonly<Record<string, unknown>>; shared: unknown },
  resolve: Resolve,
): { list: Parameter[] } | { fault: string } {
  const merged = new Map<string, Parameter>();
  const above = found.pointer.slice(0, found.pointer.lastIndexOf('/'));
  for (const [list, at] of [
    [found.shared, above],
    [found.operation['parameters'], found.pointer],
  ] as const) {
    for (const [index, entry] of (Array.isArray(list) ? list : []).entries()) {
      const target = isRecord(entry) && typeof entry['$ref'] === 'string' ? resolve(entry['$ref']) : undefined;
      if (target && !target.found) return { fault: `\`${target.ref}\` ${target.reason}` };
      const value: unknown = target ? target.value : entry;
      if (!isRecord(value) || typeof value['name'] !== 'string')
        return { fault: `${at}/parameters/${index} has no name` };
      if (value['in'] === 'header' && IGNORED_HEADERS.has(value['name'].toLowerCase())) continue;
      const pointer = target ? target.pointer : `${at}/parameters/${index}`;
      merged.set(`${String(value['in'])} ${value['name']}`, { value, pointer });
    }
  }
  for (const [, name = ''] of found.path.matchAll(/\{([^}]+)\}/g)) {
    // A path cannot be filled in without it, whether the contract declares it (as required) or not.
    const undeclared = { value: { name, in: 'path', schema: { type: 'string' } }, pointer: found.pointer };
    const declared = merged.get(`path ${name}`) ?? undeclared;
    merged.set(`path ${name}`, { ...declared, value: { ...declared.value, required: true } });
  }
  return { list: [...merged.values()] };
}

/** Where an argument goes in the request. */
export function wireParameter(parameter: Record<string, unknown>, arg: string): WireParameter {
  const location = parameter['in'];
  const place = location === 'path' || location === 'header' || location === 'cookie' ? location : 'query';
  const style = typeof parameter['style'] === 'string' ? parameter['style'] : defaultStyle(place);
  const explode = typeof parameter['explode'] === 'boolean' ? parameter['explode'] : style === 'form';
  const [content] = isRecord(parameter['content']) ? Object.keys(parameter['content']) : [];
  return {
    arg,
    name: String(parameter['name']),
    in: place,
    style,
    explode,
    ...(content === undefined ? {} : { content }),
    ...(parameter['allowReserved'] === true ? { allowReserved: true } : {}),
    ...(Array.isArray(parameter[INNER_SEPARATORS]) ? { inner: parameter[INNER_SEPARATORS].map(String) } : {}),
  };
}

/** The schema and texts of an argument. */
export function argumentSite({ value, pointer }: Parameter, arg: string, operation: string): ArgumentSite {
  const [type, media] = isRecord(value['content']) ? (Object.entries(value['content'])[0] ?? []) : [];
  const own = type === undefined ? value['schema'] : isRecord(media) ? media['schema'] : undefined;
  const below = type === undefined ? 'schema' : `content/${pointerPart(type)}/schema`;
  const schema: unknown = isRecord(own) && Object.keys(own).length > 0 ? own : { type: 'string' };
  const example = value['example'];
  const { description: text } = value;
  return {
    arg,
    site: {
      schema: example === undefined || !isRecord(schema) ? schema : { ...schema, example },
      pointer: `${pointer}/${below}`,
      name: operation + pascalCase(String(value['name'])),
    },
    required: value['required'] === true,
    description: typeof text === 'string' && text.trim() !== '' ? text.trim() : undefined,
  };
}

function defaultStyle(place: WireParameter['in']): string {
  return place === 'query' || place === 'cookie' ? 'form' : 'simple';
}

/** The name of an argument. */
export function argName(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !name.startsWith('__')) return name;
  return /[A-Za-z]/.test(name) ? camelCase(name) : graphqlName(name).replace(/^__+/, '_');
}
