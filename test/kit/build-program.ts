/**
 * Before all tests: the program as it is shipped, made from `gateway/` like `npm run build` makes it. Tests that start
 * the gateway start this one: a process that has to translate its modules first spends most of its life on that.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { bundle } from '../../scripts/bundle.ts';
import { root } from '../repository.ts';

const folder = join(root, 'node_modules/.cache/program');
/** What the build of the project makes of `gateway/`. */
const built = join(folder, 'dist/gateway');

/** The program, for `node`. */
export const builtMain = join(folder, 'dist/tributary.js');

/** A module of the program as it is shipped. */
export async function importBuilt<T>(module: string): Promise<T> {
  return (await import(/* @vite-ignore */ join(built, module.replace(/\.ts$/, '.js')))) as T;
}

export async function setup(): Promise<void> {
  const config = ts.readConfigFile(join(root, 'tsconfig.build.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  // One module at a time, the compiler does not look for the package.json that says what modules are.
  const compilerOptions = { ...options, module: ts.ModuleKind.ESNext };
  await mkdir(folder, { recursive: true });
  await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
  let isChanged = !existsSync(builtMain);
  const modules = (await readdir(join(root, 'gateway'), { recursive: true })).filter((path) => path.endsWith('.ts'));
  for (const module of modules) {
    const source = join(root, 'gateway', module);
    const target = join(built, module.replace(/\.ts$/, '.js'));
    const { mtime } = await stat(source);
    if ((await stat(target).catch(() => undefined))?.mtimeMs === mtime.getTime()) continue;
    const { outputText } = ts.transpileModule(await readFile(source, 'utf8'), { compilerOptions, fileName: source });
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, outputText);
    // As old as its source: whichever of the two is written later, they differ.
    await utimes(target, mtime, mtime);
    isChanged = true;
  }
  if (isChanged) await bundle(dirname(built));
}
