import type { GraphQLObjectType } from 'graphql';
import { argumentsFault } from './arguments.ts';
import { js, list } from './code.ts';
import { fail, missing } from './faults.ts';
import { gatherField, gatherObject } from './gather-code.ts';
import { jsonText } from './json-text.ts';
import { writeLeaf } from './leaves.ts';
import { gatherMember, writeMember } from './members.ts';
import { createSheet } from './sheet.ts';
import { arrayOf, failed, failObject, isObject, listOf, nothing, writeCell } from './values.ts';
import type { Unit } from './words.ts';
import type { Spot, Workshop } from './workshop.ts';
import { writeField, writeObject } from './write-code.ts';

/** What generated code calls by these names. */
const HELPERS = {
  argumentsFault,
  arrayOf,
  fail,
  failed,
  failObject,
  gatherMember,
  isObject,
  jsonText,
  listOf,
  missing,
  nothing,
  writeCell,
  writeLeaf,
  writeMember,
};

/** Makes what writes and gathers the values of root fields, in their order. */
export function makeRootUnits(shop: Workshop, spots: readonly Spot[]): Unit[] {
  const sheet = createSheet();
  const units = spots.map((spot) => {
    const write = writeField(shop, sheet, spot);
    return js`{ write: ${write}, gather: ${gatherField(shop, sheet, spot) ?? js`undefined`} }`;
  });
  return sheet.finish(js`[${list(units)}]`, HELPERS);
}

/** Makes what writes and gathers the values of one type at one place. */
export function makeObjectUnit(shop: Workshop, spot: Spot, type: GraphQLObjectType): Unit {
  const sheet = createSheet();
  const write = writeObject(shop, sheet, spot, type);
  const gather = gatherObject(shop, sheet, spot, type) ?? js`undefined`;
  return sheet.finish(js`{ write: ${write}, gather: ${gather} }`, HELPERS);
}
