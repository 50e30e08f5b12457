/** Runs one job in a process of its own, with limits of time and memory: whatever a contract does to its reader, the report goes on. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { JobAnswer, ReportJob } from './job.ts';

export type Limits = { readonly timeoutMs: number; readonly memoryMb: number };

/** What the gateway's own build has (`gateway/registry/run-worker.ts`). */
export const DEFAULT_LIMITS: Limits = { timeoutMs: 180_000, memoryMb: 3072 };

const MAX_OUTPUT_CHARS = 20_000;

export type JobResult =
  | { readonly ok: true; readonly answer: JobAnswer }
  | { readonly ok: false; readonly fault: string; readonly ms: number };

/** Never rejects: a crash and a timeout are results like any other. */
export function runJob(job: ReportJob, limits: Limits = DEFAULT_LIMITS): Promise<JobResult> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [`--max-old-space-size=${limits.memoryMb}`, '--import', 'tsx', childModule], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    cwd: projectRoot,
  });
  return new Promise((resolve) => {
    let output = '';
    let answer: JobAnswer | undefined;
    let fault: string | undefined;
    const timer = setTimeout(() => {
      fault = `took longer than ${limits.timeoutMs / 1000} s`;
      child.kill('SIGKILL');
    }, limits.timeoutMs);
    child.stderr?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-MAX_OUTPUT_CHARS);
    });
    child.once('message', (message) => {
      answer = message as JobAnswer;
    });
    child.once('error', (error) => {
      fault ??= error.message;
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      const ms = Math.round(performance.now() - startedAt);
      resolve(answer ? { ok: true, answer } : { ok: false, ms, fault: fault ?? causeOf(output, code, signal, limits) });
    });
    child.send(job);
  });
}

const childModule = fileURLToPath(new URL('./child.ts', import.meta.url));
const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

function causeOf(output: string, code: number | null, signal: string | null, { memoryMb }: Limits): string {
  if (/JavaScript heap out of memory/.test(output)) return `needs more than ${memoryMb} MB of heap`;
  const said = output.split('\n').find((line) => /^\w*Error\b/.test(line));
  return said ?? `the reader ended with ${signal ?? `exit code ${code}`}`;
}
