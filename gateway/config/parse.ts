/** The text of a file → a validated value, all faults at once. */
import type { z } from 'zod';
import type { ConfigDocument } from './document.ts';
import { readDocument } from './document.ts';
import type { Environment } from './env.ts';
import { explain } from './explain.ts';
import type { Loaded } from './faults.ts';

/** Largest configuration file that is read, in bytes. */
export const maxFileBytes = 1_048_576;

export type ParseOptions = {
  readonly text: string;
  /** Name that faults give the text. */
  readonly file: string;
  readonly env: Environment;
};

export function parse<T>(options: ParseOptions, schema: z.ZodType<T>): Loaded<T> {
  const document = readDocument(options);
  return document.faults.length > 0 ? { ok: false, faults: document.faults } : check(document, schema);
}

export function check<T>(document: ConfigDocument, schema: z.ZodType<T>): Loaded<T> {
  const parsed = schema.safeParse(document.value);
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, faults: explain(parsed.error.issues, document, schema) };
}
