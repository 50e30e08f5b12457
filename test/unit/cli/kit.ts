/** Runs command lines in process. */
import { runCli } from '../../../gateway/cli/index.ts';
import type { Io } from '../../../gateway/cli/io.ts';

export async function run(argv: readonly string[], overrides: Partial<Io> = {}) {
  const output = { out: '', err: '' };
  const io: Io = {
    argv,
    env: {},
    cwd: import.meta.dirname,
    isTerminal: false,
    out: (text) => {
      output.out += text;
    },
    err: (text) => {
      output.err += text;
    },
    uptimeMs: () => 0,
    onSignal: () => () => undefined,
    ...overrides,
  };
  const code = await runCli(io);
  return { code, ...output };
}
