import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Contract, readContract } from '../../../gateway/ingest/openapi/read.ts';

/** Files of a contract by name, the main document first; what is no text is written as JSON. */
export type Files = Readonly<Record<string, unknown>>;

/** Writes the files into a folder of their own, which is gone when `use` has ended. */
export async function withFiles<T>(files: Files, use: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'tributary-contract-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      const path = join(dir, name);
      await mkdir(dirname(path), { recursive: true });
      const isRaw = typeof content === 'string' || Buffer.isBuffer(content);
      await writeFile(path, isRaw ? content : JSON.stringify(content));
    }
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Reads the first of the files. */
export async function readFiles(files: Files, options: { root?: string } = {}): Promise<Contract> {
  return withFiles(files, (dir) => {
    const root = options.root === undefined ? {} : { root: join(dir, options.root) };
    return readContract(join(dir, Object.keys(files)[0] ?? ''), root);
  });
}

/** The value behind a pointer of the document; the test fails where there is none. */
export function at(value: unknown, ...keys: (string | number)[]): unknown {
  return keys.reduce<unknown>((inner, key) => {
    if (typeof inner !== 'object' || inner === null || !(key in inner)) throw new Error(`nothing at ${keys.join('/')}`);
    return (inner as Record<string | number, unknown>)[key];
  }, value);
}

/** A Swagger document of one operation. */
export function swagger(operation: object, more: object = {}): Record<string, unknown> {
  const responses = { 200: { description: 'ok' } };
  const paths = { '/x': { post: { responses, ...operation } } };
  return { swagger: '2.0', info: { title: 't', version: '1' }, paths, ...more };
}

/** The one operation of a Swagger document, upgraded. */
export async function upgradeOne(operation: object, more: object = {}): Promise<Record<string, unknown>> {
  const { document } = await readFiles({ 'swagger.json': swagger(operation, more) });
  return at(document, 'paths', '/x', 'post') as Record<string, unknown>;
}
