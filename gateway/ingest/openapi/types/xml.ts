/** How a value is written in XML: the `xml` keywords of its schema (OpenAPI 3.1 §4.8.26) as the directive `@xml`. */
import type { ConstDirectiveNode } from 'graphql';
import { isRecord } from '../../../lib/json.ts';
import { directiveNode } from '../../../lib/sdl.ts';
import { type Located, locate, rawNameOfRef, type Site } from './site.ts';
import type { Walk } from './typed.ts';

type Keywords = { name?: string; attribute?: true; wrapped?: true; prefix?: string; namespace?: string };

/** The directive of a property; none where nothing of the contract's is in XML, or the name alone says everything. */
export function propertyXml(walk: Walk, site: Site, property: string): ConstDirectiveNode[] {
  if (!walk.hasXml) return [];
  const at = locate(site, walk.resolve);
  const { name: own, ...rest } = keywordsOf(site, at);
  const items = itemsOf(walk, at);
  // Unless it is wrapped a list has no element of its own, and is called what its items are.
  const name = (items && rest.wrapped !== true ? items.name : own) ?? property;
  const item = items && rest.wrapped === true ? items.name : undefined;
  return directive(walk, {
    ...rest,
    name: name === property ? undefined : name,
    item: item === name ? undefined : item,
  });
}

/** The directive of a body, whose outermost element has a name too: that of the schema where no other is given. */
export function bodyXml(walk: Walk, site: Site): ConstDirectiveNode[] {
  if (!walk.hasXml) return [];
  const at = locate(site, walk.resolve);
  const { name = ownName(at) ?? 'root', prefix, namespace } = keywordsOf(site, at);
  const items = itemsOf(walk, at);
  return directive(walk, { name, prefix, namespace, item: items && (items.name ?? items.ownName ?? 'item') });
}

function directive(walk: Walk, args: Readonly<Record<string, unknown>>): ConstDirectiveNode[] {
  const said = Object.values(args).some((value) => value !== undefined);
  return said ? [directiveNode('xml', { subgraph: walk.source, ...args })] : [];
}

/** What stands beside a reference counts before what stands at its end. */
function keywordsOf(site: Site, at: Located): Keywords {
  return { ...keywords(at.schema), ...keywords(site.schema) };
}

function keywords(schema: unknown): Keywords {
  const xml = isRecord(schema) && isRecord(schema['xml']) ? schema['xml'] : {};
  const { name, prefix, namespace } = xml;
  return {
    ...(isText(name) ? { name } : {}),
    ...(xml['attribute'] === true ? { attribute: true } : {}),
    ...(xml['wrapped'] === true ? { wrapped: true } : {}),
    ...(isText(prefix) ? { prefix } : {}),
    ...(isText(namespace) ? { namespace } : {}),
  };
}

function itemsOf(walk: Walk, at: Located): { name: string | undefined; ownName: string | undefined } | undefined {
  if (!isRecord(at.schema) || !isRecord(at.schema['items'])) return undefined;
  const items = { schema: at.schema['items'], pointer: `${at.pointer}/items`, name: at.name };
  const located = locate(items, walk.resolve);
  return { name: keywordsOf(items, located).name, ownName: ownName(located) };
}

function ownName({ ref }: Located): string | undefined {
  return ref === undefined ? undefined : rawNameOfRef(ref);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
