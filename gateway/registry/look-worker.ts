/** The thread that looks at schemas which are large. */
import { parentPort, workerData } from 'node:worker_threads';
import { standBack } from '../lib/stand-back.ts';
import { lookAt, readStanding, type StandingFacts } from './standing.ts';

standBack();
// What it rejects with ends the thread, and is told.
parentPort?.postMessage(await lookAt(await readStanding(workerData as StandingFacts)));
