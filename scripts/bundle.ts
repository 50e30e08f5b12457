import { readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';

/**
 * Puts the program, its threads and their libraries into a few files: `<dist>/tributary.js`, one for each thread, and beside them what
 * they load when it is asked for. Most of a start is finding some two thousand modules and reading them one by one.
 *
 * @param dist where the compiler has put `gateway/`
 */
export async function bundle(dist: string): Promise<void> {
  await build({
    entryPoints: {
      tributary: join(dist, 'gateway/main.js'),
      ...Object.fromEntries(threads.map((path) => [basename(path), join(dist, 'gateway', `${path}.js`)])),
    },
    outdir: dist,
    chunkNames: 'tributary-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // As node resolves them: with another form of graphql beside this one, `instanceof` would tell lies.
    mainFields: ['main'],
    // What libraries ask for where it is installed; nothing that is read here needs it.
    external: ['bufferutil', 'utf-8-validate', 'typescript', 'graphql-sock', ...markup],
    plugins: [mesh(dist), places(dist)],
    // Half of the text is room between words: it is read at each start and stays in memory. Names stay, for stacks that can be read.
    minifyWhitespace: true,
    legalComments: 'external',
    // What was written for `require` asks for node's own modules with it.
    banner: {
      js: "import { createRequire as createRequireOfBundle } from 'node:module';\nconst require = createRequireOfBundle(import.meta.url);",
    },
    logLevel: 'warning',
  });
}

/** Threads of the program, below `gateway/`; `lib/program.ts` looks for them by the last part. */
const threads = ['admin/api/upload-worker', 'registry/task-worker', 'registry/unpack-worker', 'registry/look-worker'];

/** Compilers of files that hold GraphQL between other things. */
const markup = ['@astrojs/compiler', '@vue/compiler-sfc', 'content-tag', 'svelte2tsx'];

/** Of Mesh only what reads `.meshrc.yaml`: most of it serves, generates and watches. */
function mesh(dist: string): Plugin {
  const loader = join(dist, 'gateway/ingest/load-mesh.js');
  return {
    name: 'mesh',
    setup({ onLoad, onResolve }) {
      onLoad({ filter: /load-mesh\.js$/ }, ({ path }) =>
        path === loader ? { contents: "export const loadMesh = () => import('tributary:mesh');" } : undefined,
      );
      onResolve({ filter: /^tributary:mesh$/ }, () => ({ path: 'mesh', namespace: 'tributary' }));
      onLoad({ filter: /^mesh$/, namespace: 'tributary' }, () => ({
        contents: "export { findAndParseConfig } from '@graphql-mesh/cli';",
        resolveDir: dist,
      }));
    },
  };
}

/** Modules find files and other programs by their own address: here, too, that is where the module itself stands. */
function places(dist: string): Plugin {
  return {
    name: 'places',
    setup({ onLoad }) {
      onLoad({ filter: /\.js$/ }, async ({ path }) => {
        const place = relative(dist, path).replaceAll('\\', '/');
        if (!place.startsWith('gateway/')) return undefined;
        const text = await readFile(path, 'utf8');
        const contents = text
          // A library that is asked for by name is one like any other.
          .replaceAll(/createRequire\(import\.meta\.url\)\((?=')/g, 'require(')
          .replaceAll('import.meta.url', `new URL('./${place}', import.meta.url).href`);
        return { contents, loader: 'js' };
      });
    },
  };
}
