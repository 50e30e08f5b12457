/** What a media type says of the form of a body. */

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
  return /^application\/((x-)?(ndjson|jsonl|jsonlines|json-stream)|stream\+json|json-seq)$/.test(essenceOf(mediaType));
}

/** Whether a media type is XML (RFC 7303 §4.2). */
export function isXmlType(mediaType: string): boolean {
  return /^(application|text)\/xml$|\+xml$/.test(essenceOf(mediaType));
}

/**
 * Whether a body is surely no JSON by what it calls itself: pages, XML, documents and media. Others are read all the same, since many
 * call their JSON `text/plain`, or nothing at all.
 */
export function isOtherType(mediaType: string): boolean {
  if (mediaType === '' || mediaType.startsWith('application/json') || isJsonType(mediaType)) return false;
  return isXmlType(mediaType) || OTHER.test(essenceOf(mediaType));
}

const OTHER = /^(text\/(html|css|csv)|application\/(pdf|zip|gzip)|(image|audio|video|font|multipart)\/.*)$/;

/** Whether a body is read as text, not as bytes. */
export function isTextType(mediaType: string): boolean {
  const essence = essenceOf(mediaType);
  if (essence.startsWith('text/') || isXmlType(essence) || /;\s*charset=/i.test(mediaType)) return true;
  return /^application\/((x-)?yaml|(x-)?javascript|graphql|sql|x-www-form-urlencoded|x-sh|toml)$|\+yaml$/.test(essence);
}
