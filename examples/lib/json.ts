/**
 * Writes JSON in which a bigint is a bare number with all its digits, as services in other languages send their 64-bit
 * integers. `JSON.stringify` refuses bigint and cannot write a number it does not hold.
 *
 * @param value plain data: objects, arrays, text, numbers, bigint, booleans and null; undefined properties are left out
 */
export function toJson(value: unknown): string {
  if (typeof value === 'bigint') {
    return String(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map((item) => toJson(item)).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const properties = Object.entries(value).filter(([, property]) => property !== undefined);
    return `{${properties.map(([key, property]) => `${JSON.stringify(key)}:${toJson(property)}`).join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}
