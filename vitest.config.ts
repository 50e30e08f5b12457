import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

const require = createRequire(import.meta.url);

export default defineConfig({
  resolve: {
    // Vite would take graphql's `module` build, beside the `main` build that Node gives to Yoga and Mesh: two copies of one class,
    // and `instanceof GraphQLError` tells lies. Node's choice it is.
    alias: [{ find: /^graphql$/, replacement: require.resolve('graphql') }],
  },
  test: {
    globalSetup: ['test/kit/start-redis.ts', 'test/kit/build-program.ts', 'test/kit/start-builders.ts'],
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**', 'bench/peers/**'],
    // Forks, because several suites start workers, send signals or measure the process.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    globals: false,
  },
});
