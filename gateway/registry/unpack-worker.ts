/** The thread that unpacks what is large. */
import { parentPort, workerData } from 'node:worker_threads';
import { standBack } from '../lib/stand-back.ts';
import { type Unpacking, unpack } from './unpack.ts';
import type { UnpackAnswer } from './unpack-aside.ts';

standBack();
const answer: UnpackAnswer = await unpack(workerData as Unpacking).then(
  (unpacked) => ({ unpacked }),
  (error: Error) => ({ broken: error.cause instanceof Error ? error.cause.message : error.message }),
);
parentPort?.postMessage(answer);
