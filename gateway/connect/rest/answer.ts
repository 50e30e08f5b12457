import { isJsonType, isLinesType, isXmlType } from '../../lib/media-types.ts';
import type { JsonReader } from './decimals.ts';
import { assertForm, type Form, FormError } from './form.ts';
import { isOtherType, isTextType } from './media.ts';
import type { HttpAnswer } from './outcome.ts';

export type AnswerForm = {
  /** The media type that the contract promises; undefined where it promises no body. */
  accept: string | undefined;
  /** Whether the field is of bytes: then what is no JSON is base64, whatever it calls itself. */
  isBytes: boolean;
  /** What the contract says a value is at its top. */
  form: Form;
  /** Reads XML into the form that JSON would have; only where the contract promises XML that is no mere text. */
  readXml: ((text: string) => unknown) | undefined;
  json: JsonReader;
};

/**
 * The value of an answer: JSON without loss, a sequence of JSON texts as a list, XML in the form of JSON, text as a string, anything
 * else as base64; no body is null.
 *
 * @throws SyntaxError when JSON was promised and it is none, XmlError the same for XML, FormError when it is another JSON than the
 *   contract promises, or calls itself something else
 */
export function readAnswer(answer: HttpAnswer, promised: AnswerForm): unknown {
  const value = readValue(answer, promised);
  assertForm(value, promised.form);
  return value;
}

function readValue(
  { status, headers, body }: HttpAnswer,
  { accept = '', isBytes, readXml, json }: AnswerForm,
): unknown {
  const type = String(headers['content-type'] ?? '');
  const isLines = isLinesType(accept) || isLinesType(type);
  if (status === 204 || status === 205) return null;
  if (body.length === 0) return isLines ? [] : null;
  if (isLines) return readLines(decodeText(body, type), type, json);
  if (isJsonType(accept) && isOtherType(type))
    throw new FormError(`promised was JSON, and it is ${type.slice(0, 100)}`);
  // Who answers with JSON all the same means the form that both have.
  if (readXml && !isJsonType(type)) {
    if (isOtherType(type) && !isXmlType(type)) throw new FormError(`promised was XML, and it is ${type.slice(0, 100)}`);
    return readXml(decodeText(body, /;\s*charset=/i.test(type) ? type : declaredIn(body)));
  }
  if (isJsonType(accept) || (isJsonType(type) && !isBytes))
    return json.whole(body.toString('utf8').replace(/^\uFEFF/, ''));
  const isText = isTextType(type) || isTextType(accept);
  return isText && !isBytes ? decodeText(body, type) : body.toString('base64');
}

function readLines(text: string, type: string, json: JsonReader): unknown[] {
  // Who answers with one JSON text after all may have written it on many lines.
  if (isJsonType(type)) {
    const whole = tryJson(text, json);
    if (whole) return whole;
  }
  return text
    .split(text.includes('\x1e') ? '\x1e' : '\n')
    .filter((line) => line.trim() !== '')
    .map(json.item);
}

function tryJson(text: string, json: JsonReader): unknown[] | undefined {
  try {
    const value = json.whole(text);
    return Array.isArray(value) ? value : [json.item(text)];
  } catch {
    return undefined;
  }
}

/** What an XML document says of its own charset, where nobody else does (RFC 7303 §3.2). */
function declaredIn(body: Buffer): string {
  const [, encoding] = /^<\?xml[^>]*?\bencoding=["']([\w.:-]+)["']/.exec(body.toString('latin1', 0, 200)) ?? [];
  return encoding === undefined ? '' : `; charset=${encoding}`;
}

function decodeText(body: Buffer, type: string): string {
  const charset = /;\s*charset="?([\w.:-]+)/i.exec(type)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    // A charset nobody knows: most of it is readable all the same.
    return body.toString('utf8');
  }
}
