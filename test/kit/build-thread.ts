/** A thread that has the build's modules loaded and does one task after the other. What it is told to do is what a build process does. */
import { parentPort } from 'node:worker_threads';
import { perform } from '../../gateway/registry/perform.ts';
import type { HostedTask } from './start-builders.ts';

parentPort?.on('message', ({ task, env }: HostedTask) => {
  // Mesh fills `${…}` of `.meshrc.yaml` from here; the thread has an environment of its own.
  for (const name of Object.keys(process.env)) delete process.env[name];
  for (const [name, value] of Object.entries(env)) if (value !== undefined) process.env[name] = value;
  // What it rejects with ends the thread, as it would end a build process.
  void perform(task, env, () => undefined).then((answer) => parentPort?.postMessage(answer));
});
