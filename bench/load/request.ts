/** `rest` is everything after the root field's name: arguments and selection set. */
export type Operation = { rootField: string; rest: string };

/** What differs from one request to the next: nothing, the operation's text, an argument's value, or the caller's `authorization` header. */
export type Vary = 'nothing' | 'operation' | 'argument' | 'caller';

/** The bytes of one HTTP request around the places where the serial number goes, and the root key of its answer. */
export type RequestTemplate = { parts: readonly string[]; answerKey: (serial: string) => string };

/** Serial numbers have one width, so that Content-Length and answer length never change. */
export const serialWidth = 10;

export function serialText(serial: number): string {
  return String(serial).padStart(serialWidth, '0');
}

/** The operation's text; with a serial it gets a name and an alias of its own, which no cache has seen before. */
export function operationText(operation: Operation, serial: string | null): string {
  if (serial === null) return `{${operation.rootField}${operation.rest}}`;
  return `query Q${serial}{q${serial}:${operation.rootField}${operation.rest}}`;
}

/** The operation with a `tag` from a variable, which the upstream is sent and pays no heed to. */
function taggedText({ rootField, rest }: Operation): string {
  return `query($tag:String){${rootField}(tag:$tag)${rest}}`;
}

/**
 * One POST as the public benchmark's load generator sends it (same body keys and headers), cut at the serial numbers.
 *
 * @param port of the server on 127.0.0.1
 * @param path of its endpoint
 * @param token what every request bears, where callers are not what varies
 */
export function requestTemplate(
  port: number,
  path: string,
  operation: Operation,
  vary: Vary,
  token: string | null = null,
): RequestTemplate {
  const mark = '#'.repeat(serialWidth);
  const query =
    vary === 'argument' ? taggedText(operation) : operationText(operation, vary === 'operation' ? mark : null);
  const body = JSON.stringify({ operationName: null, variables: vary === 'argument' ? { tag: mark } : {}, query });
  const bearer = vary === 'caller' ? `caller-${mark}` : token;
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: keep-alive',
    'User-Agent: Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36',
    'Content-Type: application/json',
    ...(bearer === null ? [] : [`Authorization: Bearer ${bearer}`]),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return {
    parts: `${head.join('\r\n')}\r\n\r\n${body}`.split(mark),
    answerKey: (serial) => (vary === 'operation' ? `q${serial}` : operation.rootField),
  };
}

/** The request's text with one serial number filled in. */
export function fillTemplate(template: RequestTemplate, serial: string): string {
  return template.parts.join(serial);
}
