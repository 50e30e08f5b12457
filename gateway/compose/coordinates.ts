/** What policies say of coordinates (`cost`, `argumentCosts`, `listSize`, `rateLimit`), as directives on the unified schema. */
import {
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type ObjectTypeExtensionNode,
  type TypeDefinitionNode,
  type TypeNode,
} from 'graphql';
import { coordinateRequirements } from '../config/coordinates.ts';
import type { Policy } from '../config/policy.ts';
import { namedTypeOf, nullable } from '../lib/ast.ts';
import { nearest } from '../lib/nearest.ts';
import { directiveNode } from '../lib/sdl.ts';
import type { Placed } from './collide.ts';
import type { SourceDocument } from './documents.ts';
import type { ComposeFault } from './joins.ts';
import { followPath } from './paths.ts';

type Rules = Policy['coordinates'][string];
/** A directive, and what it stands on: `Type`, `Type.field` or `Type.field.argument`, in unified names. */
export type PlacedDirective = { readonly at: string; readonly directive: ConstDirectiveNode };
type Field = FieldDefinitionNode | InputValueDefinitionNode;

/**
 * Reads every policy's coordinates and checks them against the schema, all faults at once.
 *
 * @param extensions joins that were read; a field they add is a field like any other
 * @param isWhole whether no source is absent: a field that an absent one would have brought is no fault
 */
export function readCoordinates(
  placed: Placed,
  extensions: readonly ObjectTypeExtensionNode[],
  isWhole: boolean,
): { directives: PlacedDirective[]; faults: ComposeFault[] } {
  const directives: PlacedDirective[] = [];
  const faults: ComposeFault[] = [];
  for (const source of placed.sources) {
    for (const [coordinate, rules] of Object.entries(source.policy.coordinates)) {
      // What is said of access alone is checked where that is read (requirements.ts), whoever is absent.
      if (!isOthers(rules)) continue;
      const fault = (message: string): void =>
        void faults.push({
          file: `sources/${source.name}/policy.yaml`,
          line: 1,
          message: `coordinates ${coordinate}: ${message}`,
        });
      const [typeName = '', fieldName] = coordinate.split('.');
      const type = placed.typeNames.get(source.name)?.get(typeName) ?? typeName;
      if (fieldName === undefined) directives.push(...onType(source.types.get(type), type, rules, fault));
      else {
        const name = placed.fieldNames.get(source.name)?.get(coordinate) ?? fieldName;
        const fields = fieldsOf(source, type, extensions);
        const field = fields?.find((each) => each.name.value === name);
        const owner = source.types.get(type);
        if (field) directives.push(...onField({ field, type, owner, source }, rules, fault));
        else if (isWhole && rules.merge === undefined) fault(unknown(fields, fieldName, typeName));
      }
    }
  }
  return { directives, faults };
}

/** Whether anything is said beside who may ask, and how the field is an entry. */
function isOthers(rules: Rules): boolean {
  return Object.entries(rules).some(
    ([key, value]) => value !== undefined && key !== 'merge' && !(key in coordinateRequirements),
  );
}

type Fault = (message: string) => void;

function onType(node: TypeDefinitionNode | undefined, type: string, rules: Rules, fault: Fault): PlacedDirective[] {
  const { cost, argumentCosts, listSize, rateLimit } = rules;
  if (node === undefined) fault(`the source has no type ${type}.`);
  else if (argumentCosts ?? listSize ?? rateLimit) fault('a type takes nothing but `cost`.');
  else if (cost === undefined) return [];
  else if (!COSTLY.has(node.kind)) fault('`cost` stands on objects, scalars and enums: name the types that it may be.');
  else if (cost !== undefined) return [{ at: type, directive: directiveNode('cost', { weight: String(cost) }) }];
  return [];
}

const COSTLY = new Set<string>([Kind.OBJECT_TYPE_DEFINITION, Kind.SCALAR_TYPE_DEFINITION, Kind.ENUM_TYPE_DEFINITION]);

type Place = { field: Field; type: string; owner: TypeDefinitionNode | undefined; source: SourceDocument };

function onField({ field, type, owner, source }: Place, rules: Rules, fault: Fault): PlacedDirective[] {
  const { cost, argumentCosts = {}, listSize, rateLimit } = rules;
  const at = `${type}.${field.name.value}`;
  const args = field.kind === Kind.FIELD_DEFINITION ? (field.arguments ?? []) : [];
  const found: PlacedDirective[] = [];
  const isOutput = field.kind === Kind.FIELD_DEFINITION;
  if (!isOutput && (listSize || rateLimit || Object.keys(argumentCosts).length > 0))
    fault('a field of an input takes nothing but `cost`.');
  if (cost !== undefined && owner?.kind === Kind.INTERFACE_TYPE_DEFINITION) {
    fault('`cost` does not stand on fields of an interface: say it of the types that implement it.');
  } else if (cost !== undefined) found.push({ at, directive: directiveNode('cost', { weight: String(cost) }) });
  for (const [name, weight] of Object.entries(argumentCosts)) {
    if (!args.some((arg) => arg.name.value === name)) fault(`there is no argument ${name}.`);
    else found.push({ at: `${at}.${name}`, directive: directiveNode('cost', { weight: String(weight) }) });
  }
  const paths = [...(listSize?.slicingArguments ?? []), ...(rateLimit?.identityArgs ?? [])];
  for (const path of paths) if (!hasArgument(source, args, path)) fault(`there is no argument ${path}.`);
  if (listSize && isOutput) {
    checkSized(source, field, listSize.sizedFields, fault);
    found.push({
      at,
      directive: directiveNode('listSize', {
        ...listSize,
        requireOneSlicingArgument: listSize.requireOneSlicingArgument ? undefined : false,
      }),
    });
  }
  if (rateLimit) {
    const { max, windowMs, identityArgs } = rateLimit;
    found.push({ at, directive: directiveNode('rateLimit', { max, window: `${windowMs}ms`, identityArgs }) });
  }
  return found;
}

/** `@listSize` stands on lists, or names fields below that are (§9.2). */
function checkSized(
  source: SourceDocument,
  field: Field,
  sizedFields: readonly string[] | undefined,
  fault: Fault,
): void {
  if (sizedFields === undefined) {
    if (!isList(field.type)) fault('`listSize` stands on lists: name the lists below in sizedFields.');
    return;
  }
  const below = source.types.get(namedTypeOf(field.type).name.value);
  for (const name of sizedFields) {
    const sized =
      below && 'fields' in below ? [...(below.fields ?? [])].find((each) => each.name.value === name) : undefined;
    if (!sized || !isList(sized.type)) fault(`${name} is no list of ${namedTypeOf(field.type).name.value}.`);
  }
}

function isList(type: TypeNode): boolean {
  return nullable(type).kind === Kind.LIST_TYPE;
}

function hasArgument(source: SourceDocument, args: readonly InputValueDefinitionNode[], path: string): boolean {
  const [first, ...rest] = path.split('.');
  const arg = args.find(({ name }) => name.value === first);
  return arg !== undefined && followPath(source.types, namedTypeOf(arg.type).name.value, rest.join('.')) !== undefined;
}

/** Fields that the source has on a type, with those that joins add. */
function fieldsOf(
  source: SourceDocument,
  type: string,
  extensions: readonly ObjectTypeExtensionNode[],
): readonly Field[] | undefined {
  const node = source.types.get(type);
  const own = source.roots.get(type) ?? (node && 'fields' in node ? (node.fields ?? []) : undefined);
  const joined = extensions.flatMap((each) => (each.name.value === type ? (each.fields ?? []) : []));
  return own === undefined && joined.length === 0 ? undefined : [...(own ?? []), ...joined];
}

function unknown(fields: readonly Field[] | undefined, name: string, type: string): string {
  if (fields === undefined) return `the source has no type ${type}.`;
  const near = nearest(
    name,
    fields.map((field) => field.name.value),
  );
  return `the source has no such field${near === undefined ? '' : `; did you mean "${near}"?`}.`;
}
