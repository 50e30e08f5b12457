import { sha256 } from '../../lib/hash.ts';
import { isRecord } from '../../lib/json.ts';
import { isJsonType } from '../../lib/media-types.ts';
import { Upload } from '../upload.ts';
import type { Encodings, PropertyEncoding, WrittenBody } from './encoding.ts';
import { writeJson } from './json.ts';
import { headerParameter, itemWriter, queryParameter, textOf } from './parameters.ts';

type Part = { name: string; filename?: string; contentType?: string; content: Buffer };
/** A part whose file says itself, once it comes, what it is called and of which type it is. */
type FilePart = { name: string; accepted: string | undefined; upload: Upload };

const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(\s*;\s*[\w-]+=("[^"\r\n]*"|[\w.+-]+))*$/;

/**
 * A form of parts (RFC 7578), one per property and one per item of a list: bytes as a file, objects as JSON, anything else as
 * text. What is null is left out. With files of the client's the body is one in pieces, written while they come.
 *
 * @param value an object, Buffers for bytes, Uploads for files; undefined comes back for anything else
 * @param encodings the media type of a part, where the contract gives one (OpenAPI 3.1 §4.8.14.4)
 */
export function writeMultipart(value: unknown, encodings: Encodings): WrittenBody | undefined {
  if (!isRecord(value) || Buffer.isBuffer(value) || value instanceof Upload) return undefined;
  const parts = Object.entries(value).flatMap(([name, inner]) => partsOf(name, inner, encodings.get(name) ?? {}));
  const pieces = parts.map((part) => ('upload' in part ? () => writeFile(part) : pieceOf(part)));
  // Taken from what the parts hold, so that none can hold it; of files, from what nobody knew who made them.
  const known = parts.map((part, index) => ('upload' in part ? part.upload.id : (pieces[index] as Buffer)));
  const boundary = `tributary-${sha256(known).slice(0, 40)}`;
  const body = pieces.flatMap((piece) => [Buffer.from(`--${boundary}\r\n`), piece, Buffer.from('\r\n')]);
  const all = [...body, Buffer.from(`--${boundary}--\r\n`)];
  return {
    body: all.every((piece) => Buffer.isBuffer(piece)) ? Buffer.concat(all) : all,
    contentType: `multipart/form-data; boundary=${boundary}`,
  };
}

function pieceOf(part: Part): Buffer {
  return Buffer.concat([Buffer.from(headOf(part)), part.content]);
}

async function* writeFile({ name, accepted, upload }: FilePart): AsyncGenerator<Uint8Array, void> {
  const { name: filename, mediaType, content } = await upload.open();
  const contentType = accepts(accepted, mediaType) ? mediaType : (contentTypeOf(accepted) ?? mediaType);
  yield Buffer.from(headOf({ name, filename: filename === '' ? name : filename, contentType }));
  yield* content;
}

/** Whether one of the media types or ranges that a contract lists is the file's; without a list any is. */
function accepts(accepted: string | undefined, mediaType: string): boolean {
  const ranges = accepted?.split(',').map((range) => range.split(';')[0]?.trim().toLowerCase() ?? '');
  const [main] = mediaType.toLowerCase().split('/');
  return ranges?.some((range) => range === '*/*' || range === `${main}/*` || range === mediaType.toLowerCase()) ?? true;
}

function partsOf(name: string, value: unknown, encoding: PropertyEncoding): (Part | FilePart)[] {
  if (value === null || value === undefined) return [];
  // A style that is given wins over a media type (OpenAPI 3.1 §4.8.15.1).
  if (encoding.style !== undefined && isRecord(value) && !Buffer.isBuffer(value) && !(value instanceof Upload))
    return styledParts(name, value, encoding.style, encoding.explode ?? encoding.style === 'form');
  if (!Array.isArray(value)) return [partOf(name, value, encoding)];
  const items: unknown[] = value.filter((item) => item !== null && item !== undefined);
  const { style = 'form', explode, inner } = encoding;
  const isText = items.every((item) => typeof item !== 'object' || (inner !== undefined && Array.isArray(item)));
  if (!isText || items.length === 0) return items.map((item) => partOf(name, item, encoding));
  const write = itemWriter(String, inner);
  if (explode !== false) return items.map((item) => partOf(name, Array.isArray(item) ? write(item) : item, encoding));
  // A list in one part, as `collectionFormat` of Swagger 2.0 has it; like a header, it has no escapes.
  const said = { name, style, explode: false, ...(inner ? { inner } : {}) };
  return [{ name, content: Buffer.from(headerParameter(said, items)) }];
}

/** The pairs that a query would have, one part each; a part needs no percent-encoding. */
function styledParts(name: string, value: Record<string, unknown>, style: string, explode: boolean): Part[] {
  const pairs = queryParameter({ name, style, explode }, value).split('&');
  return pairs
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [key = '', ...rest] = pair.split('=').map(decodeURIComponent);
      return { name: key, content: Buffer.from(rest.join('=')) };
    });
}

function partOf(name: string, value: unknown, encoding: PropertyEncoding): Part | FilePart {
  if (value instanceof Upload) return { name, accepted: encoding.contentType, upload: value };
  const said = contentTypeOf(encoding.contentType);
  if (Buffer.isBuffer(value))
    return { name, filename: name, contentType: said ?? 'application/octet-stream', content: value };
  if (typeof value === 'object' && !(value instanceof Date)) {
    const contentType = said !== undefined && isJsonType(said) ? said : 'application/json';
    return { name, contentType, content: Buffer.from(writeJson(value)) };
  }
  return { name, ...(said === undefined ? {} : { contentType: said }), content: Buffer.from(textOf(value)) };
}

/** Of several media types the first that is one: a range (`image/*`) names none. */
function contentTypeOf(said: string | undefined): string | undefined {
  return said
    ?.split(',')
    .map((type) => type.trim())
    .find((type) => !type.includes('*') && MEDIA_TYPE.test(type));
}

function headOf({ name, filename, contentType }: Omit<Part, 'content'>): string {
  const file = filename === undefined ? '' : `; filename="${quoted(filename)}"`;
  const type = contentType === undefined ? '' : `Content-Type: ${contentType}\r\n`;
  return `Content-Disposition: form-data; name="${quoted(name)}"${file}\r\n${type}\r\n`;
}

/** As browsers do it (WHATWG HTML, multipart/form-data encoding algorithm): no name can end its header. */
function quoted(name: string): string {
  return name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
}
