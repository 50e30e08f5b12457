import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** How this program is started again: a file, and what node is told before it. */
export type Program = { readonly file: string; readonly execArgv: readonly string[] };

/** Command lines of the processes that the program starts itself; no person calls them. */
export const OWN_COMMANDS = { build: 'build-process', serve: 'serve-process' } as const;

/** Whether modules run as they are written, which only a checkout can do. */
const isTypeScript = import.meta.url.endsWith('.ts');

/** The program itself, for processes of its own: built, or in a checkout with what teaches node TypeScript. */
export function ownProgram(): Program {
  const file = fileURLToPath(new URL(isTypeScript ? '../main.ts' : '../main.js', import.meta.url));
  return { file, execArgv: isTypeScript ? ['--import', tsx('./dist/esm/index.mjs')] : [] };
}

/** The same for processes that serve: in few files, where the build has made them. */
export function servingProgram(): Program {
  const bundle = fileURLToPath(new URL('../../tributary.js', import.meta.url));
  return !isTypeScript && existsSync(bundle) ? { file: bundle, execArgv: [] } : ownProgram();
}

/**
 * What a thread begins with: the module itself, or in a checkout a line that teaches the thread TypeScript first.
 * @param module address of the module without its ending
 */
export function threadEntry(module: URL): { readonly entry: URL | string; readonly isText: boolean } {
  if (!isTypeScript) return { entry: new URL(`${module.href}.js`), isText: false };
  const [api, own] = [tsx('./dist/esm/api/index.mjs'), `${module.href}.ts`].map((url) => JSON.stringify(url));
  return { entry: `import(${api}).then(({ register }) => { register(); return import(${own}); });`, isText: true };
}

function tsx(file: string): string {
  return new URL(file, pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'))).href;
}
