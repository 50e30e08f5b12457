/** What a media type says of the form of a body: contracts are read by it, and answers too. */

/** `application/json; charset=utf-8` → `application/json`. */
export function essenceOf(mediaType: string): string {
  return mediaType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
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
