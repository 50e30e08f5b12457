/** Fields that can be denied: asked about before their resolver does anything. */
import { type GraphQLObjectType, getNamedType, isAbstractType } from 'graphql';
import type { PolicyRequirement } from '../config/coordinates.ts';
import type { RequestContext } from '../context.ts';
import { isAsyncIterable, throughSteps } from '../lib/iterables.ts';
import { executionOf, nodeOf, type Standing } from './execution.ts';
import { forbidden } from './forbidden.ts';
import { grantsOf } from './grants.ts';
import { createKeyReader } from './key-reader.ts';
import type { PlanNode } from './plan.ts';
import { membersOf } from './planner.ts';
import type { FieldSite, Resolver } from './site.ts';

/**
 * The resolver of a field that can be denied. What was denied before anything was called throws at once. Rules that look at the
 * parent are asked before the field is resolved; rules that look at objects of the field's type once for each object that comes,
 * so that an object that is not for who asks is null itself.
 */
export function createGuarded(site: FieldSite, resolve: Resolver): Resolver {
  const { planner, type, field } = site;
  const allowsParent = createObjectCheck(site, type, site.model.requirements.ofField(type, field).onObject);
  const checkValues = createValueCheck(site);
  return (parent, args, context, info) => {
    const node = gate(site, context, info);
    if (!allowsParent && !checkValues) return resolve(parent, args, context, info);
    const execution = executionOf(context, planner, info);
    const values = (value: unknown): unknown =>
      checkValues ? checkValues(value, { node, execution, context }, info) : value;
    if (!allowsParent) return values(resolve(parent, args, context, info));
    return allowsParent({ parent, node, execution, context }).then((isAllowed) => {
      if (!isAllowed) throw forbidden(node.coordinate, context);
      return values(resolve(parent, args, context, info));
    });
  };
}

/** The same for what opens a stream of events. */
export function createGate(site: FieldSite, subscribe: Resolver): Resolver {
  return (parent, args, context, info) => {
    gate(site, context, info);
    return subscribe(parent, args, context, info);
  };
}

type Info = Parameters<Resolver>[3];

/** @throws GatewayError FORBIDDEN */
function gate({ planner }: FieldSite, context: RequestContext, info: Info): PlanNode {
  grantsOf(context);
  const node = nodeOf(executionOf(context, planner, info), info);
  if (node.kind === 'denied') throw forbidden(node.coordinate, context);
  return node;
}

type ObjectCheck = (standing: Standing) => Promise<boolean>;

/** Prepares asking rules about objects of a type; undefined where there are none. */
function createObjectCheck(
  site: FieldSite,
  type: GraphQLObjectType,
  rules: readonly PolicyRequirement[],
): ObjectCheck | undefined {
  if (rules.length === 0) return undefined;
  const readers = rules.map((rule) => {
    const path = rule.field ?? '';
    return { rule, path, read: createKeyReader({ ...site, type }, [path.split('.')]) };
  });
  return async (standing) => {
    for (const { rule, path, read } of readers) {
      const [value] = (await read(standing)) ?? [];
      if (!(await grantsOf(standing.context).allows(rule, { [path]: value }))) return false;
    }
    return true;
  };
}

type Place = Omit<Standing, 'parent'>;

/** Prepares asking rules about what the field gives, whichever type that turns out to be of; undefined where there are none. */
function createValueCheck(site: FieldSite): ((value: unknown, place: Place, info: Info) => unknown) | undefined {
  const { model, field } = site;
  const of = getNamedType(field.type);
  const checks = new Map(
    membersOf(model, of).flatMap((type) => {
      const check = createObjectCheck(site, type, model.requirements.onObjectsOf(type));
      return check ? [[type.name, { type, check }] as const] : [];
    }),
  );
  if (checks.size === 0) return undefined;

  async function checkObject(value: unknown, place: Place, info: Info): Promise<unknown> {
    const name = isAbstractType(of) ? await of.resolveType?.(value, place.context, info, of) : of.name;
    const found = checks.get(String(name));
    if (!found) return value;
    // Any field of the object tells where it is from, and what rules look at comes with it, whatever is selected.
    const node = place.node.selection.fetched(found.type).find(({ kind }) => kind !== 'denied');
    if (node && (await found.check({ ...place, node, parent: value }))) return value;
    throw forbidden(found.type.name, place.context);
  }
  const check = (value: unknown, place: Place, info: Info): unknown => {
    if (value === null || value === undefined || value instanceof Error) return value;
    if (value instanceof Promise) return value.then((settled) => check(settled, place, info));
    if (Array.isArray(value)) return Promise.all(value.map((item) => asItem(check(item, place, info))));
    if (isAsyncIterable(value)) {
      const map = (item: unknown) => asItem(check(item, place, info));
      return throughSteps(value, { map, recover: rethrow, end: () => undefined });
    }
    return checkObject(value, place, info);
  };
  return check;
}

/** An item that is not for who asks is an error in its place; the others are given. */
async function asItem(item: unknown): Promise<unknown> {
  try {
    return await item;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function rethrow(error: unknown): never {
  throw error;
}
