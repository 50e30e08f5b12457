/** The heap of a gateway that runs, after a collection: left to itself, a process collects when it has to, and its heap tells little. */
import { setTimeout as wait } from 'node:timers/promises';
import type { GatewayProcess } from '../kit/gateway-process.ts';

const PRELOAD = `import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
process.on('SIGUSR2', () => collect());`;

/** Environment of a gateway whose processes collect when they are told to. */
export const collecting = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(PRELOAD)}` };

/** Collections: what objects refer to weakly, and buffers that belong to them, go by later ones. */
const COLLECTIONS = 4;
const PAUSE_MS = 500;

/** Bytes in use, by the gateway's own metrics. The gateway was started with `collecting`. */
export async function heapOf({ admin, entries }: GatewayProcess): Promise<number> {
  // Who has taken over is the one that serves.
  const pid = Number(entries.filter(({ msg }) => msg === 'gateway started').at(-1)?.['pid']);
  let least = Number.POSITIVE_INFINITY;
  for (let count = 0; count < COLLECTIONS; count += 1) {
    process.kill(pid, 'SIGUSR2');
    await wait(PAUSE_MS);
    const text = await (await fetch(`${admin}/metrics`)).text();
    const [, bytes] = /^nodejs_heap_size_used_bytes (\S+)$/m.exec(text) ?? [];
    least = Math.min(least, Number(bytes ?? Number.NaN));
  }
  return least;
}
