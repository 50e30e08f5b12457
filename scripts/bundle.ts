import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';

/**
 * Puts the program and the libraries it serves with into a few files: `<dist>/tributary.js`, and beside it what it loads when it is
 * asked for. Most of a start is finding some two thousand modules and reading them one by one. Processes that build go on with
 * `<dist>/gateway/` as it is: Mesh and all it brings along stay where they are installed, and with them the one graphql that they share.
 *
 * @param dist where the compiler has put `gateway/`
 */
export async function bundle(dist: string): Promise<void> {
  await build({
    entryPoints: { tributary: join(dist, 'gateway/main.js') },
    outdir: dist,
    chunkNames: 'tributary-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // As node resolves them: with another form of graphql beside this one, `instanceof` would tell lies.
    mainFields: ['main'],
    // Mesh is for processes that build; the others are libraries' to ask for, and need not be there.
    external: ['@graphql-mesh/*', 'bufferutil', 'utf-8-validate'],
    plugins: [places(dist)],
    legalComments: 'external',
    // What was written for `require` asks for node's own modules with it.
    banner: {
      js: "import { createRequire as createRequireOfBundle } from 'node:module';\nconst require = createRequireOfBundle(import.meta.url);",
    },
    logLevel: 'warning',
  });
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
