import { isDeepStrictEqual } from 'node:util';

/** What the only root field must hold; lists of fields in `anyOrder` may come in any order. */
export type Expectation = { expected: unknown; anyOrder?: readonly string[] };

/** Says what is wrong with an answer's body, or null when it is right. */
export type AnswerCheck = (body: Buffer, key: string) => string | null;

/**
 * Checks every answer at a price the load generator can pay: the first one is parsed and compared with the expected
 * value; its bytes then serve as the pattern for the others (with the root key exchanged, which has a fixed width).
 * Whatever differs from the pattern is parsed and compared in full again.
 */
export function createAnswerCheck(expectation: Expectation): AnswerCheck {
  let pattern: { body: Buffer; keyStart: number; keyEnd: number } | null = null;
  return (body, key) => {
    if (pattern && pattern.body.length === body.length && pattern.keyEnd - pattern.keyStart === key.length) {
      const { keyStart, keyEnd } = pattern;
      const same =
        body.compare(pattern.body, 0, keyStart, 0, keyStart) === 0 &&
        body.toString('latin1', keyStart, keyEnd) === key &&
        body.compare(pattern.body, keyEnd, body.length, keyEnd, body.length) === 0;
      if (same) return null;
    }
    const fault = compareAnswer(body, key, expectation);
    const keyStart = body.indexOf(`"${key}"`) + 1;
    if (fault === null && keyStart > 0) {
      pattern = { body: Buffer.from(body), keyStart, keyEnd: keyStart + key.length };
    }
    return fault;
  };
}

/** Parses one answer and compares it with what it must be; null when it is right, otherwise a sentence. */
export function compareAnswer(body: Buffer, key: string, { expected, anyOrder = [] }: Expectation): string | null {
  let answer: unknown;
  try {
    answer = JSON.parse(body.toString('utf8'));
  } catch {
    return `the answer is not JSON: ${excerpt(body)}`;
  }
  if (typeof answer !== 'object' || answer === null || 'errors' in answer || !('data' in answer)) {
    return `the answer has errors or no data: ${excerpt(body)}`;
  }
  const different = firstDifference(sorted(answer.data, anyOrder), sorted({ [key]: expected }, anyOrder), 'data');
  return different === null ? null : `the answer has other data: ${different}`;
}

/** The value with its lists of any order brought into one order, innermost first. */
function sorted(value: unknown, anyOrder: readonly string[], name?: string): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => sorted(item, anyOrder));
    if (name === undefined || !anyOrder.includes(name)) return items;
    return items
      .map((item) => ({ item, text: JSON.stringify(item) }))
      .sort((a, b) => (a.text < b.text ? -1 : Number(a.text > b.text)))
      .map(({ item }) => item);
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, sorted(item, anyOrder, key)]));
}

/** Where two JSON values differ first, as a sentence with the path; null when they are equal. */
function firstDifference(actual: unknown, wanted: unknown, path: string): string | null {
  if (isDeepStrictEqual(actual, wanted)) return null;
  if (isObject(actual) && isObject(wanted) && Array.isArray(actual) === Array.isArray(wanted)) {
    for (const key of new Set([...Object.keys(wanted), ...Object.keys(actual)])) {
      const found = firstDifference(actual[key], wanted[key], `${path}.${key}`);
      if (found !== null) return found;
    }
  }
  return `${path} is ${clip(actual)} instead of ${clip(wanted)}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function clip(value: unknown): string {
  return (JSON.stringify(value) ?? 'missing').slice(0, 200);
}

function excerpt(body: Buffer): string {
  return body.toString('utf8', 0, 600);
}
