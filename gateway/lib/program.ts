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
  if (isTypeScript)
    return {
      file: fileURLToPath(new URL('../main.ts', import.meta.url)),
      execArgv: ['--import', tsx('./dist/esm/index.mjs')],
    };
  return { file: fileURLToPath(bundled('tributary') ?? new URL('../main.js', import.meta.url)), execArgv: [] };
}

/** What the build has put together of a program or a thread, by the name of its module. */
function bundled(name: string): URL | undefined {
  const url = new URL(`../../${name}.js`, import.meta.url);
  return existsSync(url) ? url : undefined;
}

/**
 * What a thread begins with: the module itself, or in a checkout a line that teaches the thread TypeScript first.
 * @param module address of the module without its ending
 */
export function threadEntry(module: URL): { readonly entry: URL | string; readonly isText: boolean } {
  if (!isTypeScript) {
    const entry = bundled(module.pathname.split('/').at(-1) ?? '') ?? new URL(`${module.href}.js`);
    return { entry, isText: false };
  }
  const [api, own] = [tsx('./dist/esm/api/index.mjs'), `${module.href}.ts`].map((url) => JSON.stringify(url));
  return { entry: `import(${api}).then(({ register }) => { register(); return import(${own}); });`, isText: true };
}

function tsx(file: string): string {
  return new URL(file, pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'))).href;
}
