/** What a media type says of the form of a body: contracts are read by it, and answers too. */

/** Essences of types that were met before: every answer names one, and few differ. */
const known = new Map<string, string>();
const MOST_KNOWN = 256;
const LONGEST_KNOWN = 128;

/** `application/json; charset=utf-8` → `application/json`. */
export function essenceOf(mediaType: string): string {
  const before = known.get(mediaType);
  if (before !== undefined) return before;
  const essence = mediaType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (known.size >= MOST_KNOWN) known.clear();
  if (mediaType.length <= LONGEST_KNOWN) known.set(mediaType, essence);
  return essence;
}

/** Whether a media type is JSON (RFC 8259, RFC 6839 §3.1). */
export function isJsonType(mediaType: string): boolean {
  const essence = essenceOf(mediaType);
  if (isLinesType(essence)) return false;
  return essence === 'application/json' || essence === 'text/json' || essence.endsWith('+json');
}

/** Whether a media type is a sequence of JSON texts: one per line, or as RFC 7464 writes it. */
export function isLinesType(mediaType: string): boolean {
  return LINES.test(essenceOf(mediaType)) || isSequenceType(mediaType);
}

const LINES = /^application\/((x-)?(ndjson|jsonl|jsonlines|json-stream)|stream\+json)$/;

/** Whether each text of a sequence begins with a record separator (RFC 7464 §2.2, RFC 8091 §2). */
export function isSequenceType(mediaType: string): boolean {
  return /^application\/([^/]+\+)?json-seq$/.test(essenceOf(mediaType));
}

/** Whether a media type is XML (RFC 7303 §4.2). */
export function isXmlType(mediaType: string): boolean {
  return /^(application|text)\/xml$|\+xml$/.test(essenceOf(mediaType));
}
