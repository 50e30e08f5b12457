import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { constants, getPriority, platform, setPriority } from 'node:os';
import { Worker } from 'node:worker_threads';

/** Of each thread, on Linux. */
const OWN_THREADS = '/proc/self/task';
/** Ends well where a thread may come forward again to where it was. */
const TRY = `const { getPriority, setPriority } = require('node:os');
const own = getPriority(0); setPriority(0, own + 1); setPriority(0, own);`;

/**
 * Lets the thread that calls this stand back behind all others for the processor. On Linux priorities are those of threads
 * (setpriority(2)); elsewhere they are those of processes, and nothing is done.
 */
export function standBack(): void {
  if (platform() !== 'linux') return;
  try {
    setPriority(0, constants.priority.PRIORITY_LOW);
  } catch {
    // Not allowed here: it only costs speed.
  }
}

/**
 * Lets all threads of this process stand back until told otherwise. Without rights they could never come forward again (RLIMIT_NICE and
 * CAP_SYS_NICE): a thread that is there for nothing else tries it first.
 *
 * @param niceness up to 19; one that is not above that of this process does nothing
 * @returns has them come forward; nothing was done where they could not
 */
export async function standBackForAWhile(niceness: number, mayReturn = mayComeForward): Promise<() => void> {
  if (platform() !== 'linux') return () => undefined;
  const own = getPriority(0);
  if (niceness <= own || !(await mayReturn())) return () => undefined;
  setAll(niceness);
  return () => setAll(own);
}

async function mayComeForward(): Promise<boolean> {
  const thread = new Worker(TRY, { eval: true, execArgv: [], stderr: true });
  return await once(thread, 'exit').then(
    ([code]) => code === 0,
    () => false,
  );
}

/** What begins meanwhile has the priority of whoever begins it. */
function setAll(niceness: number): void {
  for (const id of readdirSync(OWN_THREADS)) {
    try {
      setPriority(Number(id), niceness);
    } catch {
      // It has ended meanwhile.
    }
  }
}
