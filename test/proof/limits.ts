/**
 * `npm run proof:limits`: 8 processes and one Redis, 200,000 requests by the limiter itself. What gets through exceeds no budget by more
 * than 1 %, nobody spends another's, and headers that callers write change nothing. `--requests 20000` and `--processes 4` make it smaller.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { reaches, redisTimeMs, redisUrl, startRedis } from '../kit/redis-servers.ts';
import { judge, type Load, type Report } from './limit-load.ts';

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '200000' }, processes: { type: 'string', default: '8' } },
});
const processes = Number(values.processes);
const requests = Math.ceil(Number(values.requests) / processes);

const own = (await reaches(redisUrl)) ? undefined : await startRedis();
const url = own?.url ?? redisUrl;
if (!(await reaches(url))) throw new Error(`no Redis at ${url}, and no redis-server to start`);

async function startWorker(): Promise<ChildProcess> {
  const worker = fork(join(import.meta.dirname, 'limits-worker.ts'), { execArgv: ['--import', 'tsx'] });
  await once(worker, 'message');
  return worker;
}

async function run(worker: ChildProcess, load: Load): Promise<Report> {
  worker.send(load);
  const [report] = (await Promise.race([
    once(worker, 'message'),
    once(worker, 'exit').then(([code]) => Promise.reject(new Error(`a process ended with ${code}`))),
  ])) as [Report];
  return report;
}

const workers = await Promise.all(Array.from({ length: processes }, startWorker));
const prefix = `tributary-proof:${randomUUID()}:`;
const startedAt = await redisTimeMs(url);
const reports = await Promise.all(
  workers.map((worker, index) => run(worker, { url, prefix, seed: index + 1, requests, inFlight: 32 })),
);
const { lines, faults } = judge(reports, (await redisTimeMs(url)) - startedAt);
for (const line of [`${processes} processes, Redis at ${new URL(url).host}`, ...lines])
  process.stdout.write(`${line}\n`);
for (const fault of faults) process.stdout.write(`FAULT: ${fault}\n`);
process.stdout.write(faults.length === 0 ? 'limits hold\n' : 'limits do NOT hold\n');
await own?.[Symbol.asyncDispose]();
process.exitCode = faults.length === 0 ? 0 : 1;
