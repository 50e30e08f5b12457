/**
 * `npm run check`: everything about the tree that needs no running gateway. All steps run, so that one look shows all faults;
 * the exit code is 1 when any of them failed.
 */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Programs come from node_modules/.bin, so that the script behaves the same under npm, npx and a shell. */
const steps: readonly (readonly [name: string, command: readonly string[]])[] = [
  ['format and lint', ['biome', 'check', '--error-on-warnings', '.']],
  ['types', ['tsc', '-p', 'tsconfig.json']],
  [
    'import boundaries',
    ['depcruise', 'gateway', 'examples', 'bench', 'scripts', '--config', '.dependency-cruiser.cjs'],
  ],
  ['generated pages', ['tsx', 'scripts/generate-docs.ts', '--check']],
  ['schemas', ['tsx', 'gateway/main.ts', 'schema', '--check']],
  ['layout', ['vitest', 'run', 'test/layout.test.ts']],
];

async function run(command: readonly string[]): Promise<number> {
  const [program = '', ...args] = command;
  const suffix = process.platform === 'win32' ? '.cmd' : '';
  const child = spawn(join(root, 'node_modules', '.bin', program + suffix), args, { cwd: root, stdio: 'inherit' });
  return await new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

const failed: string[] = [];
for (const [name, command] of steps) {
  console.log(`\n> ${name}: ${command.join(' ')}`);
  const code = await run(command);
  if (code !== 0) failed.push(name);
}
console.log(failed.length === 0 ? '\nall checks passed' : `\nfailed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
