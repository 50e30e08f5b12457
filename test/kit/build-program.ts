/**
 * Before all tests: the program as it is shipped, made from `gateway/` like `npm run build` makes it. Tests that start
 * the gateway start this one: a process that has to translate its modules first spends most of its life on that.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { transform } from 'esbuild';
import { bundle } from '../../scripts/bundle.ts';
import { root } from '../repository.ts';

const folder = join(root, 'node_modules/.cache/program');
/** What the build of the project makes of `gateway/`. */
const built = join(folder, 'dist/gateway');

/** The end of what a module imports from beside it, up to the name's ending. */
const RELATIVE = /(\b(?:from|import)\s*\(?\s*["']\.{1,2}\/[^"']+)\.ts(["'])/g;

const tsconfigRaw = { compilerOptions: { verbatimModuleSyntax: true } };

/** The program, for `node`. */
export const builtMain = join(folder, 'dist/tributary.js');

/** A module of the program as it is shipped. */
export async function importBuilt<T>(module: string): Promise<T> {
  return (await import(/* @vite-ignore */ join(built, module.replace(/\.ts$/, '.js')))) as T;
}

export async function setup(): Promise<void> {
  await mkdir(folder, { recursive: true });
  await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
  const modules = (await readdir(join(root, 'gateway'), { recursive: true })).filter((path) => path.endsWith('.ts'));
  const changed = await Promise.all(modules.map(translate));
  if (changed.includes(true) || !existsSync(builtMain)) await bundle(dirname(built));
}

/** @returns whether the module had changed since it was translated */
async function translate(module: string): Promise<boolean> {
  const source = join(root, 'gateway', module);
  const target = join(built, module.replace(/\.ts$/, '.js'));
  const { mtime } = await stat(source);
  // As old as its source: whichever of the two is written later, they differ. File systems round what they are told.
  const age = (await stat(target).catch(() => undefined))?.mtime.getTime();
  if (age === mtime.getTime()) return false;
  const options = { loader: 'ts', format: 'esm', target: 'node20.19', sourcefile: source, tsconfigRaw } as const;
  const { code } = await transform(await readFile(source, 'utf8'), options);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, code.replaceAll(RELATIVE, '$1.js$2'));
  await utimes(target, mtime, mtime);
  return true;
}
