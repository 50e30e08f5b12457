import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { isRecord } from '../../lib/json.ts';
import type { PlanNode } from '../plan.ts';
import { createRead } from '../property.ts';
import { argumentsFault } from './arguments.ts';
import { isLeaf } from './leaves.ts';
import { type Choose, createChoose } from './members.ts';
import { sourceOf } from './read-code.ts';
import { arrayOf } from './values.ts';
import type { Run } from './words.ts';
import type { Workshop } from './workshop.ts';

/** Whether a value can stand where null cannot. */
type Check = (value: unknown, run: Run) => boolean;

/** Prepares looking at values of a property that has to be there. What joins bring is not known yet, and does not count. */
export function createCheck(shop: Workshop, node: PlanNode): Check {
  return checkOf(shop, node, node.field.type);
}

function checkOf(shop: Workshop, node: PlanNode, declared: GraphQLOutputType): Check {
  const check = checkInside(shop, node, isNonNullType(declared) ? declared.ofType : declared);
  return (value, run) => value !== null && value !== undefined && !(value instanceof Error) && check(value, run);
}

function checkInside(shop: Workshop, node: PlanNode, type: GraphQLOutputType): Check {
  if (isLeafType(type)) return (value) => isLeaf(type, value);
  if (isListType(type)) {
    const items = isNonNullType(type.ofType) ? checkOf(shop, node, type.ofType) : undefined;
    return (value, run) => {
      const all = arrayOf(value);
      return all !== undefined && (!items || all.every((item) => items(item, run)));
    };
  }
  if (isObjectType(type)) return checkObject(shop, node, type);
  if (!isAbstractType(type)) throw new Error(`${String(type)} is no type of values`);
  const choose = createChoose(shop.model, type, node);
  const checks = new Map<GraphQLObjectType, Check>();
  return (value, run) => {
    const member = chosen(choose, value);
    if (!member) return false;
    const check = checks.get(member) ?? checkObject(shop, node, member);
    checks.set(member, check);
    return check(value, run);
  };
}

function chosen(choose: Choose, value: unknown): GraphQLObjectType | undefined {
  try {
    return choose(value);
  } catch {
    return undefined;
  }
}

function checkObject(shop: Workshop, node: PlanNode, type: GraphQLObjectType): Check {
  let children: readonly Check[] | undefined;
  return (value, run) => {
    if (type.isTypeOf && !isRecord(value)) return false;
    // Made when they are needed: fragments can multiply them.
    children ??= [...node.selection.below(type).values()].flatMap((child) => checkChild(shop, child));
    return children.every((check) => check(value, run));
  };
}

function checkChild(shop: Workshop, node: PlanNode): Check[] {
  if (!isNonNullType(node.field.type) || node.kind === 'custom') return [];
  const args = shop.argumentsOf(node);
  const isAsked: Check = (_value, run) => argumentsFault(run, args) === undefined;
  if (node.join) return [isAsked];
  const read = createRead(shop.siteOf(node));
  const source = sourceOf(shop.model, node);
  const check = checkOf(shop, node, node.field.type);
  return [(parent, run) => isAsked(parent, run) && check(read(parent, source, node.key), run)];
}
