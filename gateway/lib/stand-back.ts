import { constants, platform, setPriority } from 'node:os';

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
