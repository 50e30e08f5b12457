/** Code that writes values as JSON, and notes the errors of those that cannot be. */
import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { isFixed } from './arguments.ts';
import { type Code, count, js, lines, literal, NOTHING } from './code.ts';
import { gatherField } from './gather-code.ts';
import { quickLeaf } from './leaves.ts';
import { createChoose, createMembers } from './members.ts';
import { readCode } from './read-code.ts';
import type { Sheet } from './sheet.ts';
import type { Place } from './words.ts';
import type { Spot, Workshop } from './workshop.ts';

const PARAMETERS = [js`v`, js`f`, js`run`];

/** A function that writes values of a field. */
export function writeField(shop: Workshop, sheet: Sheet, spot: Spot): Code {
  const frame = shop.carries(spot.node) ? js`f` : js`undefined`;
  const body = writeValue(shop, sheet, spot, spot.node.field.type, frame);
  return sheet.declare(PARAMETERS, js`let t;\n${body}\nreturn t;`);
}

/** A function that writes objects of one type; `spot` is where they stand. */
export function writeObject(shop: Workshop, sheet: Sheet, { node, trail }: Spot, type: GraphQLObjectType): Code {
  const children = [...node.selection.below(type).values()];
  const framed = children.filter((child) => child.join || shop.carries(child));
  let constant = '{';
  const steps = children.map((child, index): Code => {
    constant += `${index > 0 ? ',' : ''}${JSON.stringify(child.key)}:`;
    if (child.field.name === '__typename') {
      constant += JSON.stringify(type.name);
      return NOTHING;
    }
    const number = framed.indexOf(child);
    const at = number < 0 ? js`undefined` : framed.length === 1 ? js`f` : js`f[${count(number)}]`;
    const before = constant;
    constant = '';
    const value = writeChild(shop, sheet, { node: child, trail: [...trail, child.key] }, at);
    return js`${value}\ns += ${literal(before)} + t;`;
  });
  const parameters = [js`p`, js`f`, js`run`];
  return sheet.declare(parameters, js`let s = "", v, t;\n${lines(steps)}\nreturn s + ${literal(`${constant}}`)};`);
}

function writeChild(shop: Workshop, sheet: Sheet, spot: Spot, frame: Code): Code {
  const { node } = spot;
  if (node.join) {
    const write = writeField(shop, sheet, spot);
    const gather = gatherField(shop, sheet, spot);
    if (gather) sheet.atEnd(js`${sheet.constant(shop.joinOf(node))}.gather = ${gather};`);
    return js`t = ${frame}.text;\nif (t === undefined && (t = writeCell(${frame}, ${write}, run)) === undefined) return;`;
  }
  const read = readCode(shop, sheet, node, js`p`);
  const args = shop.argumentsOf(node);
  const value = js`v = ${read};`;
  const fault = js`if ((v = argumentsFault(run, ${sheet.constant(args)})) === undefined) v = ${read};`;
  // Arguments without variables were validated with the document.
  return js`${isFixed(args) ? value : fault}\n${writeValue(shop, sheet, spot, node.field.type, frame)}`;
}

/** Statements that leave the JSON of `v` in `t`, or return when what holds it cannot be. */
function writeValue(shop: Workshop, sheet: Sheet, spot: Spot, declared: GraphQLOutputType, frame: Code): Code {
  const isNullable = !isNonNullType(declared);
  const type = isNonNullType(declared) ? declared.ofType : declared;
  const serialize = (value: unknown): unknown => (isLeafType(type) ? type.serialize(value) : value);
  const place = sheet.constant({ isNullable, serialize, ...spot } satisfies Place);
  if (isLeafType(type)) {
    const slow = js`t = writeLeaf(run, ${place}, v);`;
    const quick = quickLeaf(type, js`v`, sheet.constant);
    if (isNullable) return quick ? js`if (${quick.when}) t = ${quick.json}; else ${slow}` : slow;
    const checked = js`${slow} if (t === undefined) return;`;
    return quick ? js`if (${quick.when}) t = ${quick.json}; else { ${checked} }` : checked;
  }
  const write = writeComposite(shop, sheet, spot, type, place, frame);
  const isNothing = js`v === null || v === undefined`;
  return isNullable
    ? js`if (${isNothing}) t = "null"; else if ((t = ${write}) === undefined) t = "null";`
    : js`if (${isNothing}) return missing(run, ${place});\nif ((t = ${write}) === undefined) return;`;
}

function writeComposite(
  shop: Workshop,
  sheet: Sheet,
  spot: Spot,
  type: GraphQLOutputType,
  place: Code,
  frame: Code,
): Code {
  if (isListType(type)) return js`${writeList(shop, sheet, spot, type.ofType, place)}(v, ${frame}, run)`;
  if (isAbstractType(type)) {
    const members = createMembers(createChoose(shop.model, type, spot.node), (each) => shop.unitOf(spot, each));
    return js`writeMember(run, ${sheet.constant(members)}, ${place}, v, ${frame})`;
  }
  if (!isObjectType(type)) throw new Error(`${String(type)} is no type of values`);
  const write = sheet.isFull()
    ? js`${sheet.constant(shop.laterUnitOf(spot, type))}.write`
    : writeObject(shop, sheet, spot, type);
  return type.isTypeOf
    ? js`(isObject(v) ? ${write}(v, ${frame}, run) : failObject(run, ${place}, ${sheet.constant(type)}, v))`
    : js`(v instanceof Error ? fail(run, ${place}, v) : ${write}(v, ${frame}, run))`;
}

function writeList(shop: Workshop, sheet: Sheet, { node, trail }: Spot, item: GraphQLOutputType, place: Code): Code {
  const register = trail.filter((step) => typeof step === 'number').length;
  const spot = { node, trail: [...trail, register] };
  const value = writeValue(shop, sheet, spot, item, shop.carries(node) ? js`f[i]` : js`undefined`);
  return sheet.declare(
    [js`a`, js`f`, js`run`],
    js`if (!Array.isArray(a) && (a = listOf(run, ${place}, a)) === undefined) return;
const at = run.at;
let s = "[", v, t;
for (let i = 0; i < a.length; i++) {
at[${count(register)}] = i;
v = a[i];
${value}
s += i === 0 ? t : "," + t;
}
return s + "]";`,
  );
}
