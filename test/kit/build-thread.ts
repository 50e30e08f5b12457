/** A thread that has the build's modules loaded and does one task after the other. What it is told to do is what a build process does. */
import { parentPort } from 'node:worker_threads';
import { buildSources } from '../../gateway/registry/build-sources.ts';
import { layOutContract } from '../../gateway/registry/lay-out.ts';
import type { HostedTask } from './start-builders.ts';

parentPort?.on('message', ({ task, env }: HostedTask) => {
  // Mesh fills `${…}` of `.meshrc.yaml` from here; the thread has an environment of its own.
  for (const name of Object.keys(process.env)) delete process.env[name];
  for (const [name, value] of Object.entries(env)) if (value !== undefined) process.env[name] = value;
  const done = task.worker === 'build-worker' ? buildSources(task.job, () => undefined) : layOutContract(task.job);
  // What it rejects with ends the thread, as it would end a build process.
  void done.then((answer) => parentPort?.postMessage(answer));
});
