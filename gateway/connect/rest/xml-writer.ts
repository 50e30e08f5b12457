/** Values in the JSON form → XML, by what the contract says of it. */
import type { GraphQLArgument } from 'graphql';
import { GatewayError } from '../../errors.ts';
import { isRecord } from '../../lib/json.ts';
import { textOf } from './parameters.ts';
import { type XmlField, type XmlName, type XmlShape, xmlName, xmlShape } from './xml-shape.ts';

/** A name that any parser takes, with one prefix at most (Namespaces in XML 1.0 §4); fewer characters than XML allows. */
const NAME = /^[\p{L}_][\p{L}\p{N}._-]*$/u;
/** Characters that no XML can hold, escaped or not (XML 1.0 §2.2); halves of characters among them. */
const FORBIDDEN = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/**
 * A writer of the document that an argument stands for; what is null is left out.
 *
 * @returns a function that throws GatewayError BAD_REQUEST for text that XML cannot hold
 */
export function createXmlWriter(argument: GraphQLArgument, source: string): (value: unknown) => string {
  const root = xmlName(argument, source);
  const shape = xmlShape(argument, source);
  return (value) => DECLARATION + writeElement(root, value, shape, root.item);
}

/** @param item the name of an item, where the value is a list */
function writeElement(name: XmlName, value: unknown, shape: XmlShape, item: string): string {
  const tag = tagOf(name);
  const { attributes, namespaces, content } = contentOf(value, shape, item);
  // None may be declared twice.
  const start = [tag, ...new Set([namespaceOf(name), ...namespaces])].join('') + attributes;
  return content === '' ? `<${start}/>` : `<${start}>${content}</${tag}>`;
}

type Content = { attributes: string; namespaces: readonly string[]; content: string };

function contentOf(value: unknown, shape: XmlShape, item: string): Content {
  if (Array.isArray(value)) {
    const inner = shape.kind === 'list' ? shape.item : ANY;
    return plain(
      value.map((each) => (isAbsent(each) ? '' : writeElement({ name: item }, each, inner, 'item'))).join(''),
    );
  }
  if (!isRecord(value)) return plain(escaped(textOf(value)));
  if (shape.kind === 'object') return objectContent(value, shape);
  const inner = shape.kind === 'map' ? shape.value : ANY;
  return plain(
    Object.entries(value)
      .map(([name, each]) => writeEach({ name }, each, inner))
      .join(''),
  );
}

function objectContent(value: Readonly<Record<string, unknown>>, shape: XmlShape & { kind: 'object' }): Content {
  const namespaces: string[] = [];
  let attributes = '';
  let content = '';
  const known = new Set<string>();
  for (const field of shape.fields) {
    known.add(field.property);
    const inner = Object.hasOwn(value, field.property) ? value[field.property] : undefined;
    if (isAbsent(inner)) continue;
    if (!field.isAttribute) content += writeField(field, inner);
    else {
      // Without a prefix an attribute is in no namespace.
      if (field.prefix !== undefined) namespaces.push(namespaceOf(field));
      attributes += ` ${tagOf(field)}="${escaped(textOf(inner))}"`;
    }
  }
  for (const [name, inner] of Object.entries(value))
    if (!known.has(name)) content += writeEach({ name }, inner, shape.others ?? ANY);
  return { attributes, namespaces, content };
}

function writeField(field: XmlField, value: unknown): string {
  if (field.isWrapped) return writeElement(field, value, field.shape, field.item);
  return writeEach(field, value, field.shape);
}

/** An element, or one for each item of a list. */
function writeEach(name: XmlName, value: unknown, shape: XmlShape): string {
  if (isAbsent(value)) return '';
  if (!Array.isArray(value)) return writeElement(name, value, shape, name.name);
  const inner = shape.kind === 'list' ? shape.item : ANY;
  return value.map((each) => (isAbsent(each) ? '' : writeElement(name, each, inner, name.name))).join('');
}

const ANY: XmlShape = { kind: 'any' };

function plain(content: string): Content {
  return { attributes: '', namespaces: [], content };
}

function isAbsent(value: unknown): boolean {
  return value === null || value === undefined;
}

function tagOf({ name, prefix }: XmlName): string {
  if (!NAME.test(name))
    throw refused(`The name ${JSON.stringify(name.slice(0, 100))} cannot be that of an XML element`);
  return prefix !== undefined && NAME.test(prefix) ? `${prefix}:${name}` : name;
}

function namespaceOf({ prefix, namespace }: XmlName): string {
  if (namespace === undefined) return '';
  return prefix !== undefined && NAME.test(prefix)
    ? ` xmlns:${prefix}="${escaped(namespace)}"`
    : ` xmlns="${escaped(namespace)}"`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // Else a parser would make a space or a line feed of them (XML 1.0 §2.11, §3.3.3).
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

function escaped(text: string): string {
  if (FORBIDDEN.test(text)) throw refused('Text holds characters that XML cannot');
  return text.replace(/[&<>"\t\n\r]/g, (character) => ESCAPES[character] ?? character);
}

function refused(what: string): GatewayError {
  return new GatewayError('BAD_REQUEST', { message: `${what}: write it without.` });
}
