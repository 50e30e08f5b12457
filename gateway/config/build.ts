/** Section `build` of gateway.yaml: what reading contracts may take, and when a process of its own serves the result. */
import { z } from 'zod';

export const build = z.strictObject({
  maxMs: z
    .int()
    .min(100)
    .max(3_600_000)
    .default(60_000)
    .describe('Longest time that reading one contract may take, or uniting all of them, in ms.'),
  maxMemoryMb: z
    .int()
    .min(256)
    .max(65_536)
    .default(2048)
    .describe('Most memory that a build may take beside the gateway, in MiB.'),
  readyMs: z
    .int()
    .min(0)
    .max(86_400_000)
    .default(60_000)
    .describe(
      'How long after a build one process waits for the next with all that it needs loaded (about 150 MB), in ms; 0 keeps none.',
    ),
  maxWaiting: z.int().min(0).max(1000).default(10).describe('Most builds that wait while one is made.'),
  niceness: z
    .int()
    .min(0)
    .max(19)
    .default(10)
    .describe(
      'How far a build stands back behind requests for the processor: 0 not at all, 19 most. A fresh process that is to take over does, too, until it serves, where it may come forward again (Linux, CAP_SYS_NICE or RLIMIT_NICE).',
    ),
  freshProcessBytes: z
    .int()
    .min(0)
    .max(1_073_741_824)
    .default(1_048_576)
    .describe(
      'Longest unified schema, in bytes, that a serving process takes up itself. A longer one is made by a fresh process, to which new requests move, where sources can be changed by token, by Redis, by watching or by published contracts. 0 never makes one.',
    ),
  maxContractBytes: z
    .int()
    .min(1024)
    .max(1_073_741_824)
    .default(33_554_432)
    .describe('Largest contract, in bytes: all of its files together, and what else lies in the folder of its source.'),
  maxFiles: z.int().min(1).max(100_000).default(2000).describe('Most files of one contract.'),
  maxDepth: z
    .int()
    .min(10)
    .max(500)
    .default(500)
    .describe('Most levels of objects, lists, messages or types inside each other.'),
  maxValues: z
    .int()
    .min(1000)
    .max(100_000_000)
    .default(10_000_000)
    .describe('Most values in one file of a contract, those behind YAML aliases counted wherever one stands.'),
});

/** Bounds of builds and of what they read. */
export type BuildLimits = z.output<typeof build>;

/** Bounds of one contract. */
export type ContractLimits = Pick<BuildLimits, 'maxContractBytes' | 'maxFiles' | 'maxDepth' | 'maxValues'>;

/** What holds where gateway.yaml says nothing else. */
export const buildDefaults: Readonly<BuildLimits> = Object.freeze(build.parse({}));
