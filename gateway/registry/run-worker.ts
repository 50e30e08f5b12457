import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Environment } from '../config/env.ts';
import type { BuildAnswer, BuildJob } from './job.ts';

const MAX_BUILD_MS = 180_000;
const MAX_HEAP_MB = 3072;

/**
 * Runs a build in a worker thread of its own, with a limit of time and memory: whatever a contract does to its reader, the
 * serving thread goes on.
 */
export function runBuild(job: BuildJob, env: Environment): Promise<BuildAnswer> {
  return new Promise((resolve) => {
    const worker = new Worker(entry(), {
      workerData: job,
      eval: isTypeScript,
      execArgv: [],
      // Mesh fills ${…} of .meshrc.yaml from its process's environment: it gets the one the tree was read with.
      env: Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)),
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
      // Mesh's loaders write to the console; what matters comes back as reports.
      stdout: true,
      stderr: true,
    });
    const failed = (fault: string): void => resolve({ reports: [], failed: [], fault });
    const timer = setTimeout(() => {
      failed(`The build took longer than ${MAX_BUILD_MS / 1000} s.`);
      void worker.terminate();
    }, MAX_BUILD_MS);
    worker.once('message', (answer: BuildAnswer) => {
      resolve(answer);
      void worker.terminate();
    });
    worker.once('error', (error) => failed(`The build failed: ${error.message.split('\n')[0]}`));
    worker.once('exit', () => {
      clearTimeout(timer);
      failed('The build ended without a result.');
    });
  });
}

const isTypeScript = import.meta.url.endsWith('.ts');

/** The built worker, or in a checkout a line that teaches the thread TypeScript first. */
function entry(): URL | string {
  if (!isTypeScript) return new URL('./build-worker.js', import.meta.url);
  const home = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  const tsx = new URL('./dist/esm/api/index.mjs', home).href;
  const worker = new URL('./build-worker.ts', import.meta.url).href;
  return `import(${JSON.stringify(tsx)}).then(({ register }) => { register(); return import(${JSON.stringify(worker)}); });`;
}
