import { parseJson } from '../../lib/json.ts';
import { isJsonType, isLinesType, isTextType } from './media.ts';
import type { HttpAnswer } from './outcome.ts';

export type AnswerForm = {
  /** The media type that the contract promises; undefined where it promises no body. */
  accept: string | undefined;
  /** Whether the field is of bytes: then what is no JSON is base64, whatever it calls itself. */
  isBytes: boolean;
};

/**
 * The value of an answer: JSON without loss, a sequence of JSON texts as a list, text as a string, anything else as base64;
 * no body is null.
 *
 * @throws SyntaxError when JSON was promised and it is none
 */
export function readAnswer({ status, headers, body }: HttpAnswer, { accept = '', isBytes }: AnswerForm): unknown {
  const type = String(headers['content-type'] ?? '');
  const isLines = isLinesType(accept) || isLinesType(type);
  if (status === 204 || status === 205) return null;
  if (body.length === 0) return isLines ? [] : null;
  if (isLines) return readLines(decodeText(body, type), type);
  if (isJsonType(accept) || (isJsonType(type) && !isBytes))
    return parseJson(body.toString('utf8').replace(/^\uFEFF/, ''));
  const isText = isTextType(type) || isTextType(accept);
  return isText && !isBytes ? decodeText(body, type) : body.toString('base64');
}

function readLines(text: string, type: string): unknown[] {
  // Who answers with one JSON text after all may have written it on many lines.
  if (isJsonType(type)) {
    const whole = tryJson(text);
    if (whole) return Array.isArray(whole.value) ? whole.value : [whole.value];
  }
  return text
    .split(text.includes('\x1e') ? '\x1e' : '\n')
    .filter((line) => line.trim() !== '')
    .map(parseJson);
}

function tryJson(text: string): { value: unknown } | undefined {
  try {
    return { value: parseJson(text) };
  } catch {
    return undefined;
  }
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
