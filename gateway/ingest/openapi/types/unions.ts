/** `oneOf`, `anyOf` and lists of types: one scalar, one object, a union with ways to tell its members apart, or a `@oneOf` input. */
import { type ConstDirectiveNode, Kind, print, type TypeDefinitionNode } from 'graphql';
import { namedTypeOf } from '../../../lib/ast.ts';
import { directiveNode, nameNode } from '../../../lib/sdl.ts';
import { addEnum, isNameable } from './enums.ts';
import type { Flat } from './flat.ts';
import { namedType } from './graph.ts';
import { limitsOf, variantOf } from './limits.ts';
import { type Member, readMembers } from './members.ts';
import { mergeMembers } from './merge.ts';
import { inputName } from './objects.ts';
import { addOneOf, type OneOfMember } from './one-of.ts';
import { unitedScalar } from './scalars.ts';
import type { Located } from './site.ts';
import { typeText } from './texts.ts';
import { any, objectTyped, type Side, type Typed, typeScalar, type Walk } from './typed.ts';
import { addWrapper } from './wrappers.ts';

/** A member with its type on one side. */
type Typing = { member: Member; typed: Typed };

/** The type of a schema that allows several. */
export function typeOptions(walk: Walk, at: Located, flat: Flat, side: Side, depth: number): Typed {
  const members = readMembers(walk, at, flat);
  const bad = members.find((member) => member.flat.fault !== undefined);
  if (bad) return any(walk, bad.at, bad.flat.fault ?? '');
  const values = members.flatMap((member) => member.flat.values ?? []);
  if (members.every((member) => member.flat.values) && isNameable(values) && values.length > 1) {
    const key = addEnum(walk, at, [...new Set(values)]);
    return { type: namedType(key), nullable: false, dictionary: false, json: 'string' };
  }
  const typings = distinct(members.map((member) => ({ member, typed: typeMember(walk, member, side, depth) })));
  const [only, second] = typings;
  if (only && !second) return only.typed;
  const free = typings.filter(({ typed }) => typed.json === 'any');
  if (free.length > 0 && !typings.some(({ typed }) => typed.json === 'object'))
    return any(walk, at, 'one of its alternatives is a free-form value');
  if (typings.every(({ typed }) => typed.json === 'object' && !typed.dictionary)) {
    const merged = mergeMembers(
      walk,
      at,
      flat,
      typings.map(({ member }) => member),
      side,
    );
    if (merged !== undefined) return objectTyped(merged);
  }
  const grouped = groupLists(walk, at, groupScalars(typings), side, depth);
  const [whole, more] = grouped;
  if (whole && !more) return whole.typed;
  if (grouped.filter(({ typed }) => typed.dictionary).length > 1)
    return any(walk, at, 'its alternatives are several kinds of maps');
  return objectTyped(side === 'out' ? addUnion(walk, at, flat, grouped) : addInput(walk, at, flat, grouped));
}

function typeMember(walk: Walk, member: Member, side: Side, depth: number): Typed {
  // The texts of an enum beside other texts are no type of their own.
  if (member.flat.values && isNameable(member.flat.values)) return typeScalar('String');
  const { at } = member;
  // A schema that has a name has one type, however often it is an alternative.
  if (at.ref !== undefined) return walk.typeOf({ ...at, schema: { $ref: at.ref } }, side, depth + 1);
  return walk.typeFlat(at, member.flat, side, depth + 1);
}

function distinct(typings: readonly Typing[]): Typing[] {
  return [...new Map(typings.map((typing) => [print(typing.typed.type), typing])).values()];
}

function isScalar({ typed }: Typing): boolean {
  return typed.json !== 'object' && typed.json !== 'array' && typed.json !== 'any';
}

/** All scalars of the alternatives as one. */
function groupScalars(typings: readonly Typing[]): Typing[] {
  const scalars = typings.filter(isScalar);
  const [first] = scalars;
  if (!first) return [...typings];
  const typed = typeScalar(unitedScalar(scalars.flatMap(({ typed: { type } }) => print(type).split('Or'))));
  return [...typings.filter((typing) => !isScalar(typing)), { member: { ...first.member, label: 'value' }, typed }];
}

/** All lists of the alternatives as one, whose items are of the types that any of them has. */
function groupLists(walk: Walk, at: Located, typings: readonly Typing[], side: Side, depth: number): Typing[] {
  const lists = typings.filter(({ typed }) => typed.json === 'array');
  const [first, second] = lists;
  if (!first) return [...typings];
  const others = typings.filter((typing) => !lists.includes(typing));
  const member = { ...first.member, label: 'list' };
  if (!second) return [...others, { ...first, member }];
  const items = lists.map((list) => list.member.flat.items?.schema ?? {});
  const site = { schema: { type: 'array', items: { oneOf: items } }, pointer: `${at.pointer}#lists`, name: at.name };
  return [...others, { member, typed: walk.typeOf(site, side, depth + 1) }];
}

function addUnion(walk: Walk, at: Located, flat: Flat, typings: readonly Typing[]): string {
  const keys = typings.map(({ typed }) =>
    isObject(typed) ? namedTypeOf(typed.type).name.value : addWrapper(walk, typed),
  );
  const shared = typings.every(({ typed, member }) => !isObject(typed) || member.at.ref !== undefined);
  const anonymous = at.ref === undefined && !flat.discriminator && keys.length === 2 && shared;
  return walk.graph.add({
    // Two members that have names are the same union wherever they meet.
    key: anonymous ? `union ${[...keys].sort().join(' | ')}` : `out ${at.ref ?? at.pointer}`,
    wanted: anonymous ? (nameOf) => keys.map(nameOf).sort().map(bare).join('Or') : at.name,
    rank: anonymous ? 'derived' : at.ref === undefined ? 'made' : 'written',
    build: (): TypeDefinitionNode => ({
      kind: Kind.UNION_TYPE_DEFINITION,
      ...typeText(anonymous ? undefined : at.schema),
      name: nameNode(''),
      directives: unionDirectives(walk, flat, typings, keys),
      types: [...new Set(keys)].map(namedType),
    }),
  });
}

function bare(name: string): string {
  return name.replace(/^(\w+)Value$/, '$1');
}

function isObject(typed: Typed): boolean {
  return typed.json === 'object' && !typed.dictionary;
}

function unionDirectives(
  walk: Walk,
  { discriminator }: Flat,
  typings: readonly Typing[],
  keys: readonly string[],
): ConstDirectiveNode[] {
  const mapping = typings.flatMap(({ member }, index) => member.values.map((value) => [value, keys[index] ?? '']));
  const told = discriminator && mapping.length > 0;
  const found = typings.map(({ member, typed }, index) => {
    const json = isScalar({ member, typed }) ? 'scalar' : typed.json;
    return variantOf(keys[index] ?? '', json, isObject(typed) ? limitsOf(walk, member.flat) : undefined);
  });
  return [
    ...(told
      ? [directiveNode('discriminator', { subgraph: walk.source, field: discriminator.property, mapping })]
      : []),
    directiveNode('variants', { subgraph: walk.source, members: found }),
  ];
}

function addInput(walk: Walk, at: Located, flat: Flat, typings: readonly Typing[]): string {
  const { discriminator } = flat;
  const members = typings.map(({ member, typed }): OneOfMember => {
    const [value, second] = member.values;
    const sure = discriminator && value !== undefined && second === undefined && isObject(typed);
    const label = typed.dictionary ? 'entries' : typed.json === 'any' ? 'json' : member.label;
    return { label, typed, set: sure ? [[discriminator.property, JSON.stringify(value)]] : [] };
  });
  return addOneOf(walk, { ...at, name: inputName(at.name, walk, at) }, () => members);
}
