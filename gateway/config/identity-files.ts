/** The files that `identity` names, looked at when the configuration is loaded. Whoever serves reads them again as they change. */
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { z } from 'zod';
import { isRecord } from '../lib/json.ts';
import { keyFile } from './api-keys.ts';
import type { ConfigDocument, Path } from './document.ts';
import type { Fault, Loaded } from './faults.ts';
import { maxFileBytes, type ParseOptions, parse } from './parse.ts';
import type { GatewayConfig } from './schema.ts';

/** Reads the text of a file of API keys. */
export function parseKeyFile(options: ParseOptions): Loaded<z.output<typeof keyFile>> {
  return parse(options, keyFile);
}

/**
 * The configuration with the whole paths of its files.
 *
 * @param dir folder that relative names start from: the one of the project
 * @param document where the configuration was read from, for the place of a fault
 */
export async function withIdentityFiles(
  config: GatewayConfig,
  dir: string,
  document: Pick<ConfigDocument, 'file' | 'placeOf'>,
): Promise<Loaded<GatewayConfig>> {
  const { identity } = config;
  const faults: Fault[] = [];
  const fault = (path: Path, message: string): void =>
    void faults.push({ file: document.file, ...document.placeOf(path), path: path.join('.'), message });

  async function read(name: string, path: Path): Promise<string | undefined> {
    try {
      const file = resolve(dir, name);
      if ((await stat(file)).size > maxFileBytes) return void fault(path, `is larger than ${maxFileBytes} bytes`);
      return await readFile(file, 'utf8');
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      return void fault(path, `cannot be read (${code})`);
    }
  }

  const { apiKeys } = identity;
  if (apiKeys?.file !== undefined) {
    const text = await read(apiKeys.file, ['identity', 'apiKeys', 'file']);
    const keys = text === undefined ? undefined : parseKeyFile({ text, file: apiKeys.file, env: {} });
    if (keys?.ok === false) faults.push(...keys.faults);
  }
  for (const [index, { jwksFile }] of identity.jwt.entries()) {
    if (jwksFile === undefined) continue;
    const path = ['identity', 'jwt', index, 'jwksFile'];
    const text = await read(jwksFile, path);
    if (text !== undefined && !isKeySet(text)) fault(path, 'is no key set: `{ "keys": [ … ] }` (RFC 7517)');
  }
  if (faults.length > 0) return { ok: false, faults };
  const whole = (name: string | undefined) => (name === undefined ? undefined : resolve(dir, name));
  const value = {
    ...config,
    identity: {
      ...identity,
      ...(apiKeys && { apiKeys: { ...apiKeys, file: whole(apiKeys.file) } }),
      jwt: identity.jwt.map((provider) => ({ ...provider, jwksFile: whole(provider.jwksFile) })),
    },
  };
  return { ok: true, value };
}

function isKeySet(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) && Array.isArray(value['keys']);
  } catch {
    return false;
  }
}
