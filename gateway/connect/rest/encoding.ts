import { isRecord } from '../../lib/json.ts';
import type { BodyPieces } from '../upload.ts';

/** How one property of a form is written (OpenAPI 3.1 §4.8.15 Encoding Object). */
export type PropertyEncoding = {
  contentType?: string;
  style?: string;
  explode?: boolean;
  allowReserved?: boolean;
  inner?: readonly string[];
};
export type Encodings = ReadonlyMap<string, PropertyEncoding>;

export type WrittenBody = { body: string | Buffer | BodyPieces; contentType: string };

/** The encodings of `@httpOperation(body: { encoding })`: pairs of property and media type or Encoding Object. */
export function readEncodings(wire: unknown): Encodings {
  const pairs: unknown[] = isRecord(wire) ? Object.entries(wire) : Array.isArray(wire) ? wire : [];
  return new Map(
    pairs.filter(Array.isArray).map(([property, said]: unknown[]) => {
      const encoding: unknown = typeof said === 'string' ? { contentType: said } : said;
      return [String(property), isRecord(encoding) ? readEncoding(encoding) : {}];
    }),
  );
}

function readEncoding({
  contentType,
  style,
  explode,
  allowReserved,
  inner,
}: Record<string, unknown>): PropertyEncoding {
  return {
    ...(typeof contentType === 'string' ? { contentType } : {}),
    ...(typeof style === 'string' ? { style } : {}),
    ...(typeof explode === 'boolean' ? { explode } : {}),
    ...(allowReserved === true ? { allowReserved } : {}),
    ...(Array.isArray(inner) ? { inner: inner.map(String) } : {}),
  };
}
