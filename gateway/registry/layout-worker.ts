import { parentPort, workerData } from 'node:worker_threads';
import { GatewayError } from '../errors.ts';
import type { BuildNews, LayoutAnswer, LayoutJob } from './job.ts';
import { planOpenapi } from './plan-openapi.ts';
import { planProto } from './plan-proto.ts';

/** Finds out which files a contract consists of, off the process that serves. */
async function layOut({ contract, kind, includeDirs, limits }: LayoutJob): Promise<LayoutAnswer> {
  const plan = kind === 'openapi' ? planOpenapi : planProto;
  try {
    return { plan: await plan(contract, includeDirs, limits) };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { fault: error.message };
  }
}

const news: BuildNews<LayoutAnswer> = { answer: await layOut(workerData as LayoutJob) };
parentPort?.postMessage(news);
