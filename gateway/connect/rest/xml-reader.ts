/** XML → the JSON that its contract describes. */
import type { GraphQLField } from 'graphql';
import { parseXml, type XmlElement } from './xml.ts';
import { type XmlField, type XmlShape, xmlShape } from './xml-shape.ts';

/** Text that JSON writes as a number (RFC 8259 §6), with a plus or zeros before it as XML Schema allows (part 2, §3.3). */
const NUMBER = /^[+-]?\d+(\.\d*)?([eE][+-]?\d+)?$|^[+-]?\.\d+([eE][+-]?\d+)?$/;

/**
 * A reader of what a root field answers in XML. Names of elements count without their prefix, the name of the outermost one does not
 * count at all. Single items of lists are lists; text becomes what its scalar is in JSON.
 *
 * @returns a function that throws XmlError for what is no XML
 */
export function createXmlReader(field: GraphQLField<unknown, unknown>, source: string): (text: string) => unknown {
  const shape = xmlShape(field, source);
  return (text) => readElement(parseXml(text), shape);
}

function readElement(element: XmlElement, shape: XmlShape): unknown {
  if (isNil(element)) return null;
  switch (shape.kind) {
    case 'leaf':
      return readText(element.text, shape.scalar);
    case 'list':
      return element.children.map((child) => readElement(child, shape.item));
    case 'map':
      return Object.fromEntries(element.children.map((child) => [child.name, readElement(child, shape.value)]));
    case 'object':
      return readObject(element, shape);
    case 'any':
      return readAny(element);
  }
}

function readObject(element: XmlElement, shape: XmlShape & { kind: 'object' }): unknown {
  const byName = groupByName(element.children);
  const pairs: [string, unknown][] = [];
  const known = new Set<string>();
  for (const field of shape.fields) {
    const { property, name } = field;
    const value = field.isAttribute ? readAttribute(element, field) : readField(byName, field);
    if (value !== undefined) pairs.push([property, value]);
    known.add(name).add(property);
  }
  const { others } = shape;
  if (others) {
    for (const [name, elements] of byName) {
      if (known.has(name)) continue;
      const values = elements.map((child) => readElement(child, others));
      pairs.push([name, others.kind === 'any' && values.length > 1 ? values : values[0]]);
    }
  }
  return Object.fromEntries(pairs);
}

function readAttribute({ attributes }: XmlElement, { property, name, shape }: XmlField): unknown {
  const text = attributes.get(name) ?? attributes.get(property);
  return text === undefined ? undefined : readText(text, shape.kind === 'leaf' ? shape.scalar : 'String');
}

/** Elements are looked for under the name that the contract gives, then under that of the property: many mean the one and send the other. */
function readField(byName: ReadonlyMap<string, XmlElement[]>, { property, name, shape, isWrapped }: XmlField): unknown {
  const found = byName.get(name) ?? byName.get(property);
  if (shape.kind === 'list' && !isWrapped) return (found ?? []).map((child) => readElement(child, shape.item));
  const [first] = found ?? [];
  return first && readElement(first, shape);
}

/** Without a contract: text, or an object of attributes and elements, of which those of one name are a list. */
function readAny(element: XmlElement): unknown {
  if (isNil(element)) return null;
  if (element.children.length === 0 && element.attributes.size === 0) return element.text;
  const inner = [...groupByName(element.children)].map(([name, elements]): [string, unknown] => {
    const [only, second] = elements;
    return [name, only && !second ? readAny(only) : elements.map(readAny)];
  });
  return Object.fromEntries([...element.attributes, ...inner]);
}

function groupByName(elements: readonly XmlElement[]): ReadonlyMap<string, XmlElement[]> {
  const groups = new Map<string, XmlElement[]>();
  for (const element of elements) {
    const group = groups.get(element.name);
    if (group) group.push(element);
    else groups.set(element.name, [element]);
  }
  return groups;
}

/** `xsi:nil` (XML Schema part 1, §2.6.2). */
function isNil({ attributes, text, children }: XmlElement): boolean {
  const nil = attributes.get('nil');
  return (nil === 'true' || nil === '1') && text.trim() === '' && children.length === 0;
}

/** Text as its scalar is in JSON. What is no such value stays text, for the scalar to refuse; none at all is null but for texts. */
function readText(text: string, scalar: string): unknown {
  if (scalar === 'String') return text;
  const trimmed = text.trim();
  const parts = scalar.split('Or');
  const takesText = parts.includes('String');
  if (trimmed === '') return takesText ? text : null;
  if (parts.includes('Boolean') && /^(true|false|1|0)$/.test(trimmed)) {
    if (parts.length === 1) return trimmed === 'true' || trimmed === '1';
    if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true';
  }
  if (parts.some((part) => part === 'Int' || part === 'Float' || part === 'UInt32') && NUMBER.test(trimmed))
    return Number(trimmed);
  // 64-bit integers and decimals keep their digits.
  return takesText ? text : scalar === 'Bytes' ? trimmed.replace(/\s+/g, '') : trimmed;
}
