import { cpus, release, totalmem, type } from 'node:os';
import { canPin, cores } from '../lib/launch.ts';

export type Machine = {
  cpu: string;
  cores: number;
  memoryGib: number;
  system: string;
  node: string;
  pinning: string;
};

/** What the figures were made on. */
export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    pinning: canPin
      ? `taskset: the server under test alone on core ${cores.server}; upstream, load generator and the benchmark itself on core ${cores.rest}`
      : 'none (taskset is not there): server, upstream and load generator compete for the same cores',
  };
}
