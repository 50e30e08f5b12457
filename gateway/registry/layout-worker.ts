import { parentPort, workerData } from 'node:worker_threads';
import type { BuildNews, LayoutAnswer, LayoutJob } from './job.ts';
import { layOutContract } from './lay-out.ts';

/** The thread of a process that reads which files a contract consists of. */
const news: BuildNews<LayoutAnswer> = { answer: await layOutContract(workerData as LayoutJob) };
parentPort?.postMessage(news);
