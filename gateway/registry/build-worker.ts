import { parentPort, workerData } from 'node:worker_threads';
import { buildSources } from './build-sources.ts';
import type { BuildJob, BuildNews } from './job.ts';

/** The thread of a build process: one job, what it says on its way, and its answer. */
const tell = (news: BuildNews): void => parentPort?.postMessage(news);

tell({ answer: await buildSources(workerData as BuildJob, tell) });
