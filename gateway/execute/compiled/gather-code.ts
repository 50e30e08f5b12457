/**
 * Code that goes through values before they are written, and asks for what their joins need. It goes in the order of the document and
 * stops where a value cannot be, just as executors do that ask field by field: what has failed at once stops what holds it, what
 * fails after something was asked for stops nothing beside it. So both ask for the same.
 */
import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { PlanNode } from '../plan.ts';
import { isFixed } from './arguments.ts';
import { createCheck } from './checks.ts';
import { type Code, count, js, lines, list, NOTHING } from './code.ts';
import { quickLeaf } from './leaves.ts';
import { createChoose, createMembers } from './members.ts';
import { readCode } from './read-code.ts';
import type { Sheet } from './sheet.ts';
import type { Spot, Workshop } from './workshop.ts';

/** A function that gathers below values of a field; undefined where there is nothing to ask for. */
export function gatherField(shop: Workshop, sheet: Sheet, spot: Spot): Code | undefined {
  if (!shop.carries(spot.node)) return undefined;
  const gather = gatherInside(shop, sheet, spot, nullableOf(spot.node.field.type), js`v`);
  return sheet.declare([js`v`, js`run`], js`return ${gather};`);
}

/** A function that gathers below objects of one type; undefined where there is nothing to ask for. */
export function gatherObject(
  shop: Workshop,
  sheet: Sheet,
  { node, trail }: Spot,
  type: GraphQLObjectType,
): Code | undefined {
  const children = [...node.selection.below(type).values()];
  const framed = children.filter((child) => child.join || shop.carries(child));
  if (framed.length === 0) return undefined;
  const names = framed.map((_, index) => js`v${count(index)}`);
  const frame = names.length === 1 ? (names[0] ?? NOTHING) : js`[${list(names)}]`;
  const leave = js`{ run.isLater = later; run.hasFailed = !later; return ${frame}; }`;
  const steps = children.map((child): Code => {
    const own = names[framed.indexOf(child)];
    if (!own) return check(shop, sheet, child, leave);
    if (child.join) return askFor(shop, sheet, child, own, leave);
    const spot = { node: child, trail: [...trail, child.key] };
    const gather = gatherValue(shop, sheet, spot, child.field.type, own, leave);
    return js`${checkArguments(shop, sheet, child, leave)}\nv = ${readCode(shop, sheet, child, js`p`)};\n${gather}`;
  });
  return sheet.declare(
    [js`p`, js`run`],
    js`let v, t, later = false, ${list(names)};
${lines(steps)}
run.isLater = later;
run.hasFailed = false;
return ${frame};`,
  );
}

function askFor(shop: Workshop, sheet: Sheet, node: PlanNode, own: Code, leave: Code): Code {
  const args = shop.argumentsOf(node);
  const ask = js`${own} = ${sheet.constant(shop.joinOf(node))}.ask(p, run);\n${checkArguments(shop, sheet, node, leave)}`;
  return isFixed(args)
    ? js`${ask}\nlater = true;`
    : js`${ask}\nif (argumentsFault(run, ${sheet.constant(args)}) === undefined) later = true;`;
}

/** Arguments that cannot be read fail at once; where that is no field's own matter, all ends here. */
function checkArguments(shop: Workshop, sheet: Sheet, node: PlanNode, leave: Code): Code {
  const args = shop.argumentsOf(node);
  if (!isNonNullType(node.field.type) || isFixed(args)) return NOTHING;
  return js`if (argumentsFault(run, ${sheet.constant(args)}) !== undefined) ${leave}`;
}

/** Whether a property is there that has to be. */
function check(shop: Workshop, sheet: Sheet, node: PlanNode, leave: Code): Code {
  const { type } = node.field;
  if (node.kind !== 'property' || !isNonNullType(type)) return NOTHING;
  const read = js`${checkArguments(shop, sheet, node, leave)}\nv = ${readCode(shop, sheet, node, js`p`)};`;
  const inner = type.ofType;
  const quick = isLeafType(inner) ? quickLeaf(inner, js`v`, sheet.constant) : undefined;
  const slow = js`!${sheet.constant(createCheck(shop, node))}(v, run)`;
  return js`${read}\nif (${quick ? js`!(${quick.when}) && ${slow}` : slow}) ${leave}`;
}

/** Statements that leave the frame of `v` in `own`, and do `leave` where it cannot be although it has to. */
function gatherValue(shop: Workshop, sheet: Sheet, spot: Spot, type: GraphQLOutputType, own: Code, leave: Code): Code {
  const inside = gatherInside(shop, sheet, spot, nullableOf(type), js`v`);
  const isNothing = js`v === null || v === undefined`;
  return isNonNullType(type)
    ? js`if (${isNothing}) ${leave}\n${own} = ${inside};\nif (run.hasFailed) ${leave}\nif (run.isLater) later = true;`
    : js`if (!(${isNothing})) { ${own} = ${inside}; if (run.isLater) later = true; }`;
}

/** An expression for the frame of a value that is there. */
function gatherInside(shop: Workshop, sheet: Sheet, spot: Spot, type: GraphQLOutputType, value: Code): Code {
  if (isListType(type)) return js`${gatherList(shop, sheet, spot, type.ofType)}(${value}, run)`;
  if (isAbstractType(type)) {
    const members = createMembers(createChoose(shop.model, type, spot.node), (each) => shop.unitOf(spot, each));
    return js`gatherMember(run, ${sheet.constant(members)}, ${value})`;
  }
  if (!isObjectType(type)) throw new Error(`${String(type)} has nothing below it`);
  const gather = sheet.isFull()
    ? js`${sheet.constant(shop.laterUnitOf(spot, type))}.gather`
    : (gatherObject(shop, sheet, spot, type) ?? js`nothing`);
  return type.isTypeOf
    ? js`(isObject(${value}) ? ${gather}(${value}, run) : failed(run))`
    : js`(${value} instanceof Error ? failed(run) : ${gather}(${value}, run))`;
}

function gatherList(shop: Workshop, sheet: Sheet, { node, trail }: Spot, item: GraphQLOutputType): Code {
  const spot = { node, trail: [...trail, trail.filter((step) => typeof step === 'number').length] };
  const leave = js`{ f[i] = g; run.isLater = false; run.hasFailed = true; return f; }`;
  return sheet.declare(
    [js`a`, js`run`],
    js`if (!Array.isArray(a) && (a = arrayOf(a)) === undefined) return failed(run);
const f = new Array(a.length);
let later = false;
for (let i = 0; i < a.length; i++) {
let g;
const v = a[i];
${gatherValue(shop, sheet, spot, item, js`g`, leave)}
f[i] = g;
}
run.isLater = later;
run.hasFailed = false;
return f;`,
  );
}

function nullableOf(type: GraphQLOutputType): GraphQLOutputType {
  return isNonNullType(type) ? type.ofType : type;
}
