/** The bytes of a body → what they say, by the media type: JSON, or a form with files. */
import type { z } from 'zod';

export type BodyOptions = {
  /** `content-type`; empty where there was none. */
  readonly type: string;
  /** What the query says in place of the body; undefined where it says nothing. */
  readonly dryRun: boolean | undefined;
};

/** Why a body is not taken. */
export type BodyFault = { readonly status: 400 | 415; readonly detail: string; readonly faults?: readonly Fault[] };
type Fault = { readonly path: string; readonly message: string };

export type BodyRead<T> = { readonly ok: true; readonly body: T } | { readonly ok: false; readonly fault: BodyFault };

/** A request without a body has an empty one. */
export async function readBody<T>(
  bytes: Uint8Array,
  schema: z.ZodType<T>,
  { type, dryRun }: BodyOptions,
): Promise<BodyRead<T>> {
  let value: unknown = {};
  try {
    if (/^multipart\/form-data\s*;/i.test(type)) value = await readForm(await formOf(bytes, type));
    else if (/^application\/json\s*(;|$)/i.test(type)) value = JSON.parse(new TextDecoder().decode(bytes));
    else if (type !== '' || bytes.length > 0)
      return refused({ status: 415, detail: 'Send application/json or multipart/form-data.' });
  } catch {
    return refused({ status: 400, detail: 'The body cannot be read as what its content-type says.' });
  }
  if (dryRun !== undefined && typeof value === 'object' && value !== null) value = { ...value, dryRun };
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, body: parsed.data };
  const faults = parsed.error.issues.slice(0, 20).map(({ path, message }) => ({ path: path.join('.'), message }));
  const detail = faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  return refused({ status: 400, detail, faults });
}

function refused(fault: BodyFault): { ok: false; fault: BodyFault } {
  return { ok: false, fault };
}

function formOf(bytes: Uint8Array, type: string): Promise<FormData> {
  return new Response(bytes as Uint8Array<ArrayBuffer>, { headers: { 'content-type': type } }).formData();
}

/**
 * A form as the JSON body it stands for: files of the field `contract`, the first of them the contract itself, files of the field
 * `files`, and everything else as text.
 */
async function readForm(form: FormData): Promise<Record<string, unknown>> {
  const body: Record<string, unknown> = {};
  const contractFiles: [string, string][] = [];
  const others: [string, string][] = [];
  for (const [name, value] of form) {
    if (typeof value !== 'string') {
      const content = `base64:${Buffer.from(await value.arrayBuffer()).toString('base64')}`;
      if (name === 'contract') contractFiles.push([value.name, content]);
      else if (name === 'policy' || name === 'joins')
        body[name] = Buffer.from(await value.arrayBuffer()).toString('utf8');
      else others.push([value.name, content]);
    } else if (name === 'url' || name === 'reflection') body['contract'] = { [name]: value };
    else body[name] = typedText(name, value);
  }
  const [main] = contractFiles;
  if (main) body['contract'] = { files: Object.fromEntries(contractFiles), main: main[0] };
  if (others.length > 0) body['files'] = Object.fromEntries(others);
  return body;
}

const BOOLEANS = new Set(['dryRun', 'force', 'acceptJoins', 'keepRemoved', 'hold']);

function typedText(name: string, value: string): unknown {
  if (BOOLEANS.has(name))
    return value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : value;
  if (name === 'failUnder') return value.trim() === '' ? value : Number(value);
  if (name !== 'metadata') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
