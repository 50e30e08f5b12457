/** JSON text with the keys of every object sorted, so that equal values have equal text. */
export function stableStringify(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (isRecord(inner) ? sorted(inner) : inner));
}

/** The object with its keys in order. */
export function sorted(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether the value is an object that is neither null nor an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether JSON tells the value apart from all others: no files, dates or bytes. */
export function isPlainJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return !/^(function|symbol|bigint)$/.test(typeof value);
  if (Array.isArray(value)) return value.every(isPlainJson);
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    isRecord(value) && (prototype === Object.prototype || prototype === null) && Object.values(value).every(isPlainJson)
  );
}

const LONG_NUMBER = /(?:^|[:[,\s])-?\d{16}/;
const TOKENS = /"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * `JSON.parse` without loss: an integer that a double cannot hold (RFC 8259 §6) comes out as a string of its digits.
 *
 * Texts without any run of sixteen digits, nearly all, take the plain way.
 * @throws SyntaxError when the text is not JSON
 */
export function parseJson(text: string): unknown {
  const plain: unknown = JSON.parse(text);
  if (!LONG_NUMBER.test(text)) return plain;
  return JSON.parse(mapNumbers(text, (number) => (isUnsafeInteger(number) ? `"${number}"` : number)));
}

/**
 * `JSON.parse` where every number comes out as the text it is written in: `1.50`, `9007199254740993`.
 * @throws SyntaxError when the text is not JSON
 */
export function parseJsonDigits(text: string): unknown {
  return JSON.parse(mapNumbers(text, (number) => `"${number}"`));
}

/** The text with each number outside of strings written anew. Strings are skipped by hand: they may be longer than a pattern can take. */
function mapNumbers(text: string, write: (number: string) => string): string {
  const pieces: string[] = [];
  let done = 0;
  const tokens = new RegExp(TOKENS);
  for (let match = tokens.exec(text); match; match = tokens.exec(text)) {
    const [token] = match;
    if (token === '"') {
      tokens.lastIndex = stringEnd(text, match.index);
      continue;
    }
    const written = write(token);
    if (written === token) continue;
    pieces.push(text.slice(done, match.index), written);
    done = tokens.lastIndex;
  }
  return pieces.join('') + text.slice(done);
}

/** Where the string ends that begins at this quote: behind its other quote, or with the text. */
export function stringEnd(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return end + 1;
  }
  return text.length;
}

function isUnsafeInteger(token: string): boolean {
  return token.length >= 16 && /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token));
}
