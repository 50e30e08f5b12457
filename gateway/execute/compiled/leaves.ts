import { type GraphQLLeafType, isEnumType, isSpecifiedScalarType } from 'graphql';
import { type Code, js } from './code.ts';
import { fail, leafError, missing } from './faults.ts';
import { jsonText } from './json-text.ts';
import type { Place, Run } from './words.ts';

/** The JSON of a leaf that the quick ways do not know. */
export function writeLeaf(run: Run, place: Place, value: unknown): string | undefined {
  if (value === null || value === undefined) return place.isNullable ? 'null' : missing(run, place);
  if (value instanceof Error) return lost(run, place, value);
  try {
    return toJson(place, value);
  } catch (error) {
    return lost(run, place, leafError(error));
  }
}

/** Whether a value is one that the leaf can be. */
export function isLeaf(type: Pick<Place, 'serialize'>, value: unknown): boolean {
  if (value === null || value === undefined || value instanceof Error) return false;
  try {
    toJson(type, value);
    return true;
  } catch {
    return false;
  }
}

function toJson(type: Pick<Place, 'serialize'>, value: unknown): string {
  const serialized = type.serialize(value);
  if (typeof serialized === 'string') return jsonText(serialized);
  const text: string | undefined =
    serialized === null || serialized === undefined ? undefined : JSON.stringify(serialized);
  if (text === undefined) throw new Error('Expected a leaf to have a form in answers, but it has none.');
  return text;
}

function lost(run: Run, place: Place, error: unknown): string | undefined {
  fail(run, place, error);
  return place.isNullable ? 'null' : undefined;
}

/**
 * The quick way for the usual values of a type: an expression for the JSON of `value` where `when` holds; undefined where there is
 * none. Types of contracts have rules of their own.
 *
 * @param constant gives a value a name in the program
 */
export function quickLeaf(
  type: GraphQLLeafType,
  value: Code,
  constant: (value: unknown) => Code,
): { when: Code; json: Code } | undefined {
  if (isEnumType(type)) {
    const names = new Map(type.getValues().map((each) => [each.value as unknown, JSON.stringify(each.name)]));
    const json = js`${constant(names)}.get(${value})`;
    return { when: js`(t = ${json}) !== undefined`, json: js`t` };
  }
  return isSpecifiedScalarType(type) ? QUICK[type.name]?.(value) : undefined;
}

const isText = (value: Code): Code => js`typeof ${value} === "string"`;

const QUICK: Readonly<Record<string, (value: Code) => { when: Code; json: Code }>> = {
  String: (value) => ({ when: isText(value), json: js`jsonText(${value})` }),
  ID: (value) => ({ when: isText(value), json: js`jsonText(${value})` }),
  Int: (value) => ({ when: js`typeof ${value} === "number" && (${value} | 0) === ${value}`, json: js`"" + ${value}` }),
  Float: (value) => ({ when: js`typeof ${value} === "number" && isFinite(${value})`, json: js`"" + ${value}` }),
  Boolean: (value) => ({ when: js`typeof ${value} === "boolean"`, json: js`${value} ? "true" : "false"` }),
};
