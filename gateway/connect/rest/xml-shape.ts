/** What XML of a type looks like, by the `xml` keywords of its contract (OpenAPI 3.1 §4.8.26), which `@xml` carries. */
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { directivesNamed } from '../../lib/sdl.ts';
import { wireNameOf } from '../input.ts';

export type XmlShape =
  | { kind: 'leaf'; scalar: string }
  | { kind: 'list'; item: XmlShape }
  | { kind: 'map'; value: XmlShape }
  /** `others` is what is read of elements that no field has; without it they are left out. */
  | { kind: 'object'; fields: XmlField[]; others: XmlShape | undefined }
  | { kind: 'any' };

/** The name of an element or attribute, and the namespace it is written in. */
export type XmlName = { name: string; prefix?: string; namespace?: string };

export type XmlField = XmlName & {
  /** The property of the JSON form. */
  property: string;
  isAttribute: boolean;
  /** Whether the items of a list stand in an element of their own. */
  isWrapped: boolean;
  /** The name of one item of a wrapped list. */
  item: string;
  shape: XmlShape;
};

type Element = GraphQLField<unknown, unknown> | GraphQLInputField | GraphQLArgument;
type Type = GraphQLOutputType | GraphQLInputType;
type Compiler = { source: string; done: Map<GraphQLNamedType, XmlShape> };

const ANY: XmlShape = { kind: 'any' };

/** The shape of what a field answers, or of what an argument takes. */
export function xmlShape(element: Element, source: string): XmlShape {
  return shapeOfElement(element, { source, done: new Map() });
}

/** What `@xml` says of a field or argument: its own name where nothing is said. */
export function xmlName(element: Element, source: string): XmlField {
  const property = wireNameOf(element, source);
  const [said = {}] = directivesNamed(element.astNode, 'xml').filter((args) => args['subgraph'] === source);
  const text = (key: string): string | undefined => (typeof said[key] === 'string' ? said[key] : undefined);
  const name = text('name') ?? property;
  const [prefix, namespace] = [text('prefix'), text('namespace')];
  return {
    property,
    name,
    ...(prefix === undefined ? {} : { prefix }),
    ...(namespace === undefined ? {} : { namespace }),
    isAttribute: said['attribute'] === true,
    isWrapped: said['wrapped'] === true,
    item: text('item') ?? name,
    shape: ANY,
  };
}

function shapeOfElement(element: Element, compiler: Compiler): XmlShape {
  return isMarked(element, 'dictionary', compiler)
    ? shapeOfMap(element.type, compiler)
    : shapeOf(element.type, compiler);
}

/** `[Entry!]` is a map; `[[Entry!]]` a list of maps. */
function shapeOfMap(type: Type, compiler: Compiler): XmlShape {
  if (isNonNullType(type)) return shapeOfMap(type.ofType as Type, compiler);
  if (!isListType(type)) return ANY;
  const inner = isNonNullType(type.ofType) ? type.ofType.ofType : type.ofType;
  if (isListType(inner)) return { kind: 'list', item: shapeOfMap(inner as Type, compiler) };
  const entry = getNamedType(type);
  const value = isObjectType(entry) || isInputObjectType(entry) ? entry.getFields()['value'] : undefined;
  return { kind: 'map', value: value ? shapeOfElement(value, compiler) : ANY };
}

function shapeOf(type: Type, compiler: Compiler): XmlShape {
  if (isNonNullType(type)) return shapeOf(type.ofType as Type, compiler);
  if (isListType(type)) return { kind: 'list', item: shapeOf(type.ofType as Type, compiler) };
  const named = getNamedType(type);
  const known = compiler.done.get(named);
  if (known) return known;
  if (isUnionType(named)) return shapeOfUnion(named, named.getTypes(), compiler);
  if (isObjectType(named) || isInputObjectType(named)) {
    const fields: Element[] = Object.values(named.getFields());
    const roots = fields.filter((field) => isMarked(field, 'resolveRoot', compiler));
    // What stands for another value has its form; of several (`@oneOf`) each is one.
    if (roots.length > 0) return shapeOfRoots(named, roots, compiler);
    return shapeOfFields(named, fields, compiler, undefined);
  }
  // Which types an interface has besides is not known here.
  if (isInterfaceType(named)) return shapeOfFields(named, Object.values(named.getFields()), compiler, ANY);
  return named.name === 'JSON' ? ANY : { kind: 'leaf', scalar: named.name };
}

function shapeOfFields(
  type: GraphQLNamedType,
  fields: readonly Element[],
  compiler: Compiler,
  others: XmlShape | undefined,
): XmlShape {
  const shape: XmlShape = { kind: 'object', fields: [], others };
  // Known before its fields are looked at, so that a type may hold itself.
  compiler.done.set(type, shape);
  for (const field of fields) {
    const isRest = directivesNamed(field.astNode, 'dictionary').some((args) => args['rest'] === true);
    const of = shapeOfElement(field, compiler);
    if (isRest) shape.others = of.kind === 'map' ? of.value : ANY;
    else shape.fields.push({ ...xmlName(field, compiler.source), shape: of });
  }
  return shape;
}

function shapeOfRoots(type: GraphQLNamedType, roots: readonly Element[], compiler: Compiler): XmlShape {
  compiler.done.set(type, ANY);
  const shape = united(roots.map((root) => shapeOfElement(root, compiler)));
  compiler.done.set(type, shape);
  return shape;
}

function shapeOfUnion(type: GraphQLNamedType, members: readonly GraphQLNamedType[], compiler: Compiler): XmlShape {
  compiler.done.set(type, ANY);
  const shape = united(members.map((member) => shapeOf(member as GraphQLOutputType, compiler)));
  compiler.done.set(type, shape);
  return shape;
}

/** One shape for values of several: objects have the fields of all, what is told apart by nothing is anything. */
function united(shapes: readonly XmlShape[]): XmlShape {
  const [only, second] = shapes;
  if (only && !second) return only;
  const fields = new Map<string, XmlField>();
  for (const shape of shapes) {
    if (shape.kind !== 'object') return ANY;
    for (const field of shape.fields) if (!fields.has(field.property)) fields.set(field.property, field);
  }
  const open = shapes.some((shape) => shape.kind === 'object' && shape.others !== undefined);
  return { kind: 'object', fields: [...fields.values()], others: open ? ANY : undefined };
}

function isMarked({ astNode }: Element, directive: string, { source }: Compiler): boolean {
  return directivesNamed(astNode, directive).some((args) => args['subgraph'] === source);
}
