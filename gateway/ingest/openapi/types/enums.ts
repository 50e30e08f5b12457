/** Lists of allowed texts as enums, with their values on the wire. */
import { type EnumValueDefinitionNode, Kind } from 'graphql';
import { graphqlName, uniqueName } from '../../../lib/names.ts';
import { directiveNode, nameNode } from '../../../lib/sdl.ts';
import type { Located } from './site.ts';
import { typeText } from './texts.ts';
import type { Walk } from './typed.ts';

const MAX_VALUES = 5000;
/** Names an enum value may not have (GraphQL spec §3.9). */
const FORBIDDEN = new Set(['true', 'false', 'null']);

/** Whether every value is a text that a name can be made of. */
export function isNameable(values: readonly unknown[]): boolean {
  return values.length > 0 && values.length <= MAX_VALUES && values.every((value) => typeof value === 'string');
}

/** Adds an enum for a schema; the same one on both sides of a call. */
export function addEnum(walk: Walk, at: Located, values: readonly unknown[]): string {
  return walk.graph.add({
    key: `enum ${at.ref ?? at.pointer}`,
    wanted: at.name,
    rank: at.ref === undefined ? 'made' : 'written',
    build: () => ({
      kind: Kind.ENUM_TYPE_DEFINITION,
      ...typeText(at.schema),
      name: nameNode(at.name),
      values: enumValues(values.map(String), walk.source),
    }),
  });
}

/** The name of each value; the same values give the same names. */
export function enumNames(values: readonly string[]): Map<string, string> {
  const taken = new Set<string>();
  // Values that are names already keep them; a made name gives way.
  const names = new Map(values.filter(isName).map((value) => [value, uniqueName(value, taken)]));
  for (const value of values) if (!names.has(value)) names.set(value, uniqueName(valueName(value), taken));
  return names;
}

function enumValues(values: readonly string[], source: string): EnumValueDefinitionNode[] {
  const names = enumNames(values);
  return values.map((value) => {
    const name = names.get(value) ?? value;
    const directives =
      name === value ? [] : [directiveNode('enum', { subgraph: source, value: JSON.stringify(value) })];
    return { kind: Kind.ENUM_VALUE_DEFINITION, name: nameNode(name), directives };
  });
}

function isName(value: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(value) && !value.startsWith('__') && !FORBIDDEN.has(value);
}

/** `in-transit` → `in_transit`, `>=` → `_3E_3D`, `` → `_empty`. */
function valueName(value: string): string {
  if (value === '') return '_empty';
  if (FORBIDDEN.has(value)) return `_${value}`;
  const spelled = /[A-Za-z0-9]/.test(value)
    ? trimmed(value)
    : [...value].map((char) => `_${(char.codePointAt(0) ?? 0).toString(16).toUpperCase()}`).join('');
  return graphqlName(spelled).replace(/^__+/, '_');
}

/** `left (for good)` → `left_for_good`; a leading sign is told apart from none: `-name` → `_name`. */
function trimmed(value: string): string {
  return value.replace(/[^A-Za-z0-9_]+/g, '_').replace(/(?<=.)_$/, '');
}
