/** What zod found wrong, as faults a person can act on: position, path, what is allowed. Values of the file are never printed. */
import { z } from 'zod';
import { nearest } from '../lib/nearest.ts';
import type { ConfigDocument, Path, Place } from './document.ts';
import type { Fault } from './faults.ts';

type Issue = z.core.$ZodIssue;

/** The part of JSON Schema that `z.toJSONSchema` writes and this file reads. */
export type Shape = {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: boolean | Shape;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
};

/** The schema as a written description: what stands in a file, before defaults and transforms. */
export function shapeOf(schema: z.ZodType): Shape {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape;
}

/** Longest list of allowed keys that helps anybody. */
const listedKeys = 40;

/** All faults of one document against one schema, in no particular order. */
export function explain(issues: readonly Issue[], document: ConfigDocument, schema: z.ZodType): Fault[] {
  const shape = shapeOf(schema);
  return issues.flatMap((issue) => explainIssue(issue, toPath(issue.path), document, shape));
}

function explainIssue(issue: Issue, path: Path, document: ConfigDocument, shape: Shape): Fault[] {
  const fault = (at: Path, place: Place, message: string): Fault => ({
    file: document.file,
    ...place,
    path: at.join('.'),
    message,
  });
  if (issue.code === 'unrecognized_keys') {
    const allowed = keysAt(shape, path);
    return issue.keys.map((key) => {
      const at = [...path, key];
      return fault(at, document.placeOfKey(at), unknownKey(key, allowed));
    });
  }
  if (issue.code === 'invalid_union') {
    const branch = likeliest(issue.errors);
    if (branch !== undefined) {
      return branch.flatMap((inner) => explainIssue(inner, [...path, ...toPath(inner.path)], document, shape));
    }
    const wanted = issue.errors.flatMap((inner) => inner.map((each) => typeWords(expectedOf(each))));
    return [fault(path, document.placeOf(path), `must be ${[...new Set(wanted)].join(' or ')}`)];
  }
  if (issue.code === 'invalid_key') {
    const message = issue.issues[0]?.message ?? 'is not a valid key';
    return [fault(path, document.placeOfKey(path), message)];
  }
  return [fault(path, document.placeOf(path), describe(issue, valueAt(document.value, path), shapeAt(shape, path)))];
}

/** The sentence for a key that does not exist, with the keys that do. */
export function unknownKey(key: string, allowed: readonly string[]): string {
  const near = nearest(key, allowed);
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  const more = allowed.length > listedKeys ? ', …' : '';
  const list = allowed.length === 0 ? '' : ` (allowed here: ${allowed.slice(0, listedKeys).join(', ')}${more})`;
  return `unknown key${hint}${list}`;
}

function describe(issue: Issue, value: unknown, shape: Shape | undefined): string {
  if (issue.code === 'custom' || issue.code === 'invalid_format') return issue.message;
  if (value === undefined) return `is required: ${shape?.description ?? typeWords(expectedOf(issue))}`;
  if (issue.code === 'invalid_type') {
    const quote = issue.expected === 'string' && typeof value !== 'object' ? ': write it in quotes' : '';
    return `must be ${typeWords(shape?.type === 'integer' ? 'int' : issue.expected)}${range(shape)}${quote}`;
  }
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    const bound = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
    const unit = issue.origin === 'string' ? ' characters long' : issue.origin === 'array' ? ' entries long' : '';
    return `must be ${bound}${unit}${range(shape)}`;
  }
  return issue.message;
}

function range(shape: Shape | undefined): string {
  if (shape?.type !== 'integer' || shape.minimum === undefined || shape.maximum === undefined) return '';
  return shape.maximum === Number.MAX_SAFE_INTEGER
    ? ` (${shape.minimum} or more)`
    : ` (${shape.minimum} to ${shape.maximum})`;
}

function typeWords(expected: string): string {
  const words: Readonly<Record<string, string>> = {
    string: 'text',
    int: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    object: 'a map of keys',
    record: 'a map of keys',
    array: 'a list',
  };
  return words[expected] ?? expected;
}

function expectedOf(issue: Issue): string {
  return issue.code === 'invalid_type' ? issue.expected : 'a valid value';
}

/** The branch of a union the author meant: one whose own kind of value was given, with the fewest faults inside. */
function likeliest(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const inside = branches.filter(
    (branch) => !branch.some((issue) => issue.code === 'invalid_type' && issue.path.length === 0),
  );
  return [...inside].sort((a, b) => a.length - b.length)[0];
}

function toPath(path: readonly PropertyKey[]): Path {
  return path.map((step) => (typeof step === 'symbol' ? step.toString() : step));
}

function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string | number, unknown>)[step];
  }
  return current;
}

function keysAt(shape: Shape, path: Path): string[] {
  const here = shapeAt(shape, path);
  const shapes = here?.anyOf ?? (here === undefined ? [] : [here]);
  return shapes.flatMap((each) => Object.keys(each.properties ?? {}));
}

function shapeAt(shape: Shape, path: Path): Shape | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return shape;
  const options = shape.anyOf ?? [shape];
  for (const option of options) {
    const extra = typeof option.additionalProperties === 'object' ? option.additionalProperties : undefined;
    const next = typeof step === 'number' ? option.items : (option.properties?.[step] ?? extra);
    const found = next && shapeAt(next, rest);
    if (found !== undefined) return found;
  }
  return undefined;
}
