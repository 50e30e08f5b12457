/** The process: hands argv, environment, streams and signals in, sets the exit code. Nothing else in the gateway touches it. */
import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import { runCli } from './cli/index.ts';
import type { Parent, Signal } from './cli/io.ts';

const signals: readonly Signal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const parent: Parent | undefined = process.send && {
  send(message) {
    // Once it is gone there is nobody to tell.
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  },
  onMessage: (listener) => void process.on('message', listener),
  onGone: (listener) => void process.once('disconnect', listener),
};

const code = await runCli({
  parent,
  argv: process.argv.slice(2),
  env: process.env,
  pid: process.pid,
  cores: availableParallelism(),
  cwd: process.cwd(),
  isTerminal: process.stdout.isTTY === true,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  uptimeMs: () => process.uptime() * 1000,
  onSignal(listener) {
    const listeners = signals.map((signal) => {
      const listen = (): void => listener(signal);
      process.on(signal, listen);
      return () => process.off(signal, listen);
    });
    return () => {
      for (const stop of listeners) stop();
    };
  },
});

// The code is set, not forced: what is still being written is written. A handle that somebody forgot must not hold the process, though.
process.exitCode = code;
// Whoever started this process would hold it otherwise: it might still say something.
cluster.worker?.disconnect();
setTimeout(() => process.exit(code), 2000).unref();
