import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

const require = createRequire(import.meta.url);

/** Suites that hold state in objects of their own: their files share a process, and with it all modules that are loaded. */
const folders = ['unit', 'http', 'security', 'merge', 'bench', 'examples'];
const together = folders.map((folder) => `test/${folder}/**/*.test.ts`);
/** Among them, who replaces a module of Node: whoever shares it may have loaded what uses it before. */
const withMocks = ['test/unit/registry/store/file-store.test.ts'];
const others = ['**/node_modules/**', 'dist/**'];

export default defineConfig({
  resolve: {
    // Vite would take graphql's `module` build, beside the `main` build that Node gives to Yoga and Mesh: two copies of one class,
    // and `instanceof GraphQLError` tells lies. Node's choice it is.
    alias: [{ find: /^graphql$/, replacement: require.resolve('graphql') }],
  },
  test: {
    globalSetup: ['test/kit/start-redis.ts', 'test/kit/build-program.ts', 'test/kit/start-builders.ts'],
    // Forks, because several suites start workers, send signals or measure the process.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    globals: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'alone',
          include: [...withMocks, `test/!(${folders.join('|')})/**/*.test.ts`, 'test/*.test.ts'],
          exclude: others,
        },
      },
      {
        extends: true,
        test: { name: 'together', include: together, exclude: [...others, ...withMocks], isolate: false },
      },
    ],
  },
});
