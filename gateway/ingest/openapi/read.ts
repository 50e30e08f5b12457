import { readFile, stat } from 'node:fs/promises';
import { parse as parseYaml } from 'yaml';
import { GatewayError } from '../../errors.ts';
import { isRecord } from '../../lib/json.ts';

/** The largest contract that is read: 64 MiB. */
const MAX_CONTRACT_BYTES = 64 * 1024 * 1024;

/** A parsed OpenAPI document; nothing about it is checked but that it is an object and says its version. */
export type OpenapiDocument = Record<string, unknown>;

/**
 * Reads an OpenAPI or Swagger document, YAML or JSON, from a file.
 * @throws GatewayError BAD_REQUEST that says what is wrong with the file
 */
export async function readOpenapi(file: string): Promise<OpenapiDocument> {
  const { size } = await stat(file);
  if (size > MAX_CONTRACT_BYTES) throw refused(`is larger than ${MAX_CONTRACT_BYTES} bytes`);
  const text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  const document = parseText(text);
  if (!isRecord(document)) throw refused('is not an object');
  if (typeof document['openapi'] !== 'string' && typeof document['swagger'] !== 'string') {
    throw refused('has neither `openapi` nor `swagger` at its top: it is not an OpenAPI document');
  }
  if (!isRecord(document['paths'])) throw refused('has no `paths`');
  const elsewhere = findExternalRef(document);
  if (elsewhere !== undefined) throw refused(`refers to another file (${elsewhere}): bundle it into one document`);
  return document;
}

function parseText(text: string): unknown {
  try {
    return text.trimStart().startsWith('{') ? JSON.parse(text) : parseYaml(text, { maxAliasCount: 1000, merge: true });
  } catch (cause) {
    throw refused(
      `cannot be parsed: ${cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : 'unknown fault'}`,
      cause,
    );
  }
}

/** The first reference that leads out of the document. */
function findExternalRef(document: OpenapiDocument): string | undefined {
  const seen = new Set<object>();
  const queue: unknown[] = [document];
  while (queue.length > 0) {
    const value = queue.pop();
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    const ref = isRecord(value) ? value['$ref'] : undefined;
    if (typeof ref === 'string' && !ref.startsWith('#')) return ref.slice(0, 200);
    queue.push(...Object.values(value));
  }
  return undefined;
}

function refused(what: string, cause?: unknown): GatewayError {
  return new GatewayError('BAD_REQUEST', { message: `The OpenAPI contract ${what}.`, cause });
}

/**
 * The value behind a local reference (`#/components/…`, RFC 6901), followed to its end; other values as they are.
 * A reference that leads nowhere, to another file or in a circle of references gives undefined.
 */
export function resolveRef(document: OpenapiDocument, value: unknown): unknown {
  let current = value;
  for (let hops = 0; hops < 32; hops += 1) {
    if (!isRecord(current) || typeof current['$ref'] !== 'string') return current;
    if (!current['$ref'].startsWith('#/')) return undefined;
    current = at(document, current['$ref'].slice(2).split('/').map(unescapePart));
  }
  return undefined;
}

function at(root: unknown, path: string[]): unknown {
  let current: unknown = root;
  for (const key of path) {
    if (Array.isArray(current)) current = current[Number(key)];
    else if (isRecord(current) && Object.hasOwn(current, key)) current = current[key];
    else return undefined;
  }
  return current;
}

function unescapePart(part: string): string {
  return decodeURIComponent(part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
