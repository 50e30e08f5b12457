/** Files of a project folder → validated values, all faults at once. Reads files and nothing else: the environment is an argument. */
import { open } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import type { TlsPolicy } from './auth.ts';
import { readDocument } from './document.ts';
import type { Environment } from './env.ts';
import { configPathVariable, overrides, tokenVariable } from './env.ts';
import type { Fault, Loaded } from './faults.ts';
import { withIdentityFiles } from './identity-files.ts';
import { withListenTls } from './listen-files.ts';
import { MAX_MANIFEST_BYTES, readManifest } from './manifest.ts';
import type { Meshrc } from './meshrc.ts';
import { elsewhere, meshrcSchema } from './meshrc.ts';
import { check, maxFileBytes, type ParseOptions, parse } from './parse.ts';
import type { Policy } from './policy.ts';
import { policySchema } from './policy.ts';
import { MIN_TOKEN_LENGTH } from './registration.ts';
import type { GatewayConfig } from './schema.ts';
import { gatewaySchema } from './schema.ts';
import { Secret } from './secret.ts';
import { readTlsFiles } from './tls-files.ts';

export type LoadOptions = {
  /** The project folder: where `.meshrc.yaml` stands. */
  readonly dir: string;
  readonly env: Environment;
};

/**
 * Reads `gateway.yaml` (or the file named by TRIBUTARY_CONFIG) and lays the environment over it. A missing file means all defaults,
 * unless it was asked for by name.
 */
export async function loadGatewayConfig({ dir, env }: LoadOptions): Promise<Loaded<GatewayConfig>> {
  const named = env[configPathVariable];
  const file = named === undefined || named === '' ? 'gateway.yaml' : named;
  const text = await readText(dir, file);
  if (!text.ok) return text;
  if (text.value === undefined && file === named)
    return missing(file, `is named by ${configPathVariable} but does not exist`);
  const options = { text: text.value ?? '', file: shownName(dir, file), env };
  const loaded = parseGatewayConfig(options);
  if (!loaded.ok) return loaded;
  const document = readDocument(options);
  const identified = await withIdentityFiles(loaded.value, dir, document);
  if (!identified.ok) return identified;
  const listening = await withListenTls(identified.value, dir, document);
  return listening.ok ? await withManifest(listening.value, dir, options) : listening;
}

async function withManifest(config: GatewayConfig, dir: string, options: ParseOptions): Promise<Loaded<GatewayConfig>> {
  const { manifest: named, mode } = config.persistedOperations;
  if (named === undefined || mode === 'off') return { ok: true, value: config };
  const text = await readText(dir, named, MAX_MANIFEST_BYTES);
  const read = !text.ok
    ? { fault: text.faults[0]?.message ?? '' }
    : text.value === undefined
      ? { fault: 'does not exist' }
      : readManifest(text.value);
  if ('manifest' in read) return { ok: true, value: { ...config, manifest: read.manifest } };
  const at = ['persistedOperations', 'manifest'];
  const message = `the file ${named} ${read.fault}`;
  return {
    ok: false,
    faults: [{ file: options.file, ...readDocument(options).placeOf(at), path: at.join('.'), message }],
  };
}

/** Reads `sources/<source>/policy.yaml`; a missing file means all defaults. */
export async function loadPolicy({
  dir,
  env,
  source,
}: LoadOptions & { readonly source: string }): Promise<Loaded<Policy>> {
  const file = join('sources', source, 'policy.yaml');
  const text = await readText(dir, file);
  if (!text.ok) return text;
  const options = { text: text.value ?? '', file, env };
  const loaded = parsePolicy(options);
  return loaded.ok && loaded.value.tls ? await withTls(loaded.value, loaded.value.tls, dir, options) : loaded;
}

async function withTls(policy: Policy, tls: TlsPolicy, dir: string, options: ParseOptions): Promise<Loaded<Policy>> {
  const { file } = options;
  const read = await readTlsFiles(tls, dirname(join(dir, file)));
  if ('material' in read) return { ok: true, value: { ...policy, tlsMaterial: read.material } };
  const document = readDocument(options);
  const faults = read.faults.map(({ key, message }): Fault => {
    return { file, ...document.placeOf(['tls', key]), path: `tls.${key}`, message };
  });
  return { ok: false, faults };
}

/** Reads `.meshrc.yaml`, which has to exist. */
export async function loadMeshrc({ dir, env }: LoadOptions): Promise<Loaded<Meshrc>> {
  const file = '.meshrc.yaml';
  const text = await readText(dir, file);
  if (!text.ok) return text;
  if (text.value === undefined) return missing(file, 'does not exist: it lists the sources, at least `sources: []`');
  return parseMeshrc({ text: text.value, file, env });
}

export function parseGatewayConfig(options: ParseOptions): Loaded<GatewayConfig> {
  const document = readDocument(options);
  if (document.faults.length > 0) return { ok: false, faults: document.faults };
  const { value, variables } = override(document.value, options.env);
  const loaded = check({ ...document, value }, gatewaySchema);
  const used = document.variables.size > 0 ? { variables: [...document.variables] } : {};
  if (loaded.ok) return withToken({ ...loaded.value, ...used }, options.env);
  const faults = loaded.faults.map((fault) => {
    const name = variables.get(fault.path);
    // Not the file's fault, so not the file's line.
    return name === undefined ? fault : { ...fault, file: 'environment', line: 0, column: 0, path: name };
  });
  return { ok: false, faults };
}

/** TRIBUTARY_TOKEN is one more token, for every source: enough for a start, and for one operator. */
function withToken(config: GatewayConfig, env: Environment): Loaded<GatewayConfig> {
  const text = env[tokenVariable] ?? '';
  if (text === '') return { ok: true, value: config };
  if (text.length < MIN_TOKEN_LENGTH) {
    const message = `must have at least ${MIN_TOKEN_LENGTH} characters`;
    return { ok: false, faults: [{ file: 'environment', line: 0, column: 0, path: tokenVariable, message }] };
  }
  const token = { name: 'environment', token: new Secret(text), owners: ['*'] };
  const tokens = [...config.registration.tokens, token];
  return { ok: true, value: { ...config, registration: { ...config.registration, tokens } } };
}

export function parsePolicy(options: ParseOptions): Loaded<Policy> {
  return parse(options, policySchema);
}

export function parseMeshrc(options: ParseOptions): Loaded<Meshrc> {
  const loaded = parse(options, meshrcSchema);
  if (loaded.ok) return loaded;
  const faults = loaded.faults.map((fault) => {
    const place = Object.hasOwn(elsewhere, fault.path) ? elsewhere[fault.path] : undefined;
    return place === undefined ? fault : { ...fault, message: `is not read from this file: ${place}` };
  });
  return { ok: false, faults };
}

/** The value with environment variables laid over it, and which path came from which variable. */
function override(value: unknown, env: Environment): { value: unknown; variables: Map<string, string> } {
  const variables = new Map<string, string>();
  if (!isMap(value)) return { value, variables };
  const result: Record<string, unknown> = { ...value };
  for (const [variable, [section, key]] of Object.entries(overrides)) {
    const text = env[variable];
    if (text === undefined || text === '') continue;
    const before = result[section] ?? {};
    if (!isMap(before)) continue;
    result[section] = { ...before, [key]: key === 'port' && /^\d{1,9}$/.test(text) ? Number(text) : text };
    variables.set(`${section}.${key}`, variable);
  }
  return { value: result, variables };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text of a file, `undefined` where there is none. Never reads more than the limit. */
async function readText(dir: string, file: string, maxBytes = maxFileBytes): Promise<Loaded<string | undefined>> {
  const name = shownName(dir, file);
  try {
    await using handle = await open(isAbsolute(file) ? file : join(dir, file), 'r');
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.min(Math.max(size, maxFileBytes), maxBytes) + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    if (length > maxBytes) return missing(name, `is larger than ${maxBytes} bytes`);
    return { ok: true, value: buffer.toString('utf8', 0, length) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return code === 'ENOENT' ? { ok: true, value: undefined } : missing(name, `cannot be read (${code})`);
  }
}

function shownName(dir: string, file: string): string {
  return isAbsolute(file) ? relative(dir, file) : file;
}

function missing(file: string, message: string): Loaded<never> {
  const fault: Fault = { file, line: 0, column: 0, path: '', message };
  return { ok: false, faults: [fault] };
}
