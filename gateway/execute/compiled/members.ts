import { type GraphQLAbstractType, type GraphQLObjectType, type GraphQLResolveInfo, isObjectType } from 'graphql';
import { isRecord } from '../../lib/json.ts';
import type { Model } from '../model.ts';
import type { PlanNode } from '../plan.ts';
import { fail } from './faults.ts';
import { failed, nothing } from './values.ts';
import type { Frame, Place, Run, Unit } from './words.ts';

/** Tells which type a value of an interface or union is of. Throws what says that it is no single one, or no object. */
export type Choose = (value: unknown) => GraphQLObjectType;

export function createChoose(
  { schema }: Pick<Model, 'schema'>,
  type: GraphQLAbstractType,
  { type: parentType, field }: PlanNode,
): Choose {
  // All that our own resolvers of types ask for.
  const info = { parentType, fieldName: field.name } as GraphQLResolveInfo;
  return (value) => {
    const name = type.resolveType?.(value, undefined, info, type);
    const member = typeof name === 'string' ? schema.getType(name) : undefined;
    if (!isObjectType(member) || !schema.isSubType(type, member)) {
      throw new Error(`"${String(name)}" is not a possible type for "${type.name}".`);
    }
    if (!isRecord(value)) member.isTypeOf?.(value, undefined, info);
    return member;
  };
}

/** How values of an interface or union are written at one place: by the type that each is of. Throws as `Choose` does. */
export type Members = (value: unknown) => Unit;

/** @param unitOf asked for types that are met */
export function createMembers(choose: Choose, unitOf: (member: GraphQLObjectType) => Unit): Members {
  const units = new Map<GraphQLObjectType, Unit>();
  return (value) => {
    const member = choose(value);
    let unit = units.get(member);
    if (!unit) {
      unit = unitOf(member);
      units.set(member, unit);
    }
    return unit;
  };
}

/** What a value of several possible types needs: which it is, and what that needs. */
type Chosen = { unit: Unit; frame: Frame };

export function gatherMember(run: Run, members: Members, value: unknown): Chosen | undefined {
  let unit: Unit;
  try {
    if (value instanceof Error) throw value;
    unit = members(value);
  } catch {
    // Who writes the value says why.
    return failed(run);
  }
  return { unit, frame: (unit.gather ?? nothing)(value as never, run) };
}

export function writeMember(
  run: Run,
  members: Members,
  place: Place,
  value: unknown,
  chosen: Chosen | undefined,
): string | undefined {
  if (value instanceof Error) return fail(run, place, value);
  let unit = chosen?.unit;
  if (!unit) {
    try {
      unit = members(value);
    } catch (error) {
      return fail(run, place, error);
    }
  }
  return unit.write(value as never, chosen?.frame, run);
}
