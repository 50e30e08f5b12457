/** A source as one versioned value, addressed by its content: what the registry stores and replicas exchange. */
import { isAscii } from 'node:buffer';
import { GatewayError } from '../errors.ts';
import type { ImportReport } from '../ingest/wire.ts';
import { hashInTurns } from '../lib/hash.ts';
import { isRecord } from '../lib/json.ts';
import { jsonInTurns } from '../lib/json-in-turns.ts';

export type Bundle = {
  name: string;
  /** Its entry in `.meshrc.yaml`: `{ name, handler: { openapi | grpc | graphql: { … } } }`. */
  entry: Record<string, unknown>;
  /** Files below `sources/<name>/` by relative path with forward slashes; contents in base64. */
  files: Record<string, string>;
  /** `schemas/<name>.graphql` as it was built, so that replicas do not read contracts. */
  text: string;
  /** Its part of `names.lock.json`. */
  names: { operations: Record<string, string>; types: Record<string, string>; fields: Record<string, string> };
  report: ImportReport;
};

/** A bundle as the registry stores it. */
export type EncodedBundle = { readonly hash: string; readonly bytes: Buffer };

/** The bundle as bytes that are the same for the same bundle, and their SHA-256 in hex. */
export async function encodeBundle(bundle: Bundle): Promise<EncodedBundle> {
  const bytes = await jsonInTurns(bundle);
  return { hash: await hashInTurns(bytes), bytes };
}

/** @throws GatewayError INTERNAL when the bytes are no bundle of that hash */
export async function decodeBundle(hash: string, bytes: Buffer): Promise<Bundle> {
  if ((await hashInTurns(bytes)) === hash) {
    const value: unknown = JSON.parse(bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8'));
    if (isRecord(value) && typeof value['name'] === 'string' && isRecord(value['files'])) return value as Bundle;
  }
  throw new GatewayError('INTERNAL', {
    cause: new Error(`The registry holds no bundle ${hash}: its bytes are others.`),
  });
}
