import type { Generator, Upstream } from './lib/child.ts';
import { readMachineBusyMs, readTree } from './lib/proc.ts';
import { signToken } from './lib/token.ts';
import type { LoadFailures } from './load/job.ts';
import type { Case, Cell, Peer, RunningServer } from './types.ts';

/** A server that answers, with the port it answers on. */
export type Target = { peer: Peer; server: RunningServer; path: string; port: number };

/** One server, one query, one round. Shares are of one core: 1 means it was busy all the time. */
export type Measurement = {
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  cpuMsPerRequest: number;
  peakRssBytes: number;
  upstreamCallsPerRequest: number;
  authorizedCallsPerRequest: number | null;
  bytesPerAnswer: number;
  completed: number;
  failures: LoadFailures;
  firstFailure: string | null;
  serverShare: number;
  loadShare: number;
  otherShare: number;
};

export type Load = { connections: number; seconds: number; drainSeconds: number };

const rssSampleMs = 200;

/**
 * Puts load on one server and reads from outside what it cost: CPU and memory of its process tree from /proc, calls from
 * the upstream's own counter. CPU is divided by right answers.
 *
 * @param load connections, and seconds of issuing requests and of waiting for the last answers
 */
export async function measure(
  target: Target,
  oneCase: Case,
  { vary, setup }: Cell,
  load: Load,
  rig: { upstream: Upstream; generator: Generator },
): Promise<Measurement> {
  const { server } = target;
  let peakRssBytes = 0;
  const sample = () => {
    const use = readTree(server.pid);
    peakRssBytes = Math.max(peakRssBytes, use.rssBytes);
    return use.cpuMs;
  };
  const readCpuMs = () => ({
    server: sample(),
    load: readTree(rig.upstream.pid).cpuMs + readTree(rig.generator.pid).cpuMs + ownCpuMs(),
    machine: readMachineBusyMs(),
  });
  let before = readCpuMs();
  const sampler = setInterval(sample, rssSampleMs);
  const token = setup.signed ? signToken() : null;
  const job = { ...oneCase, ...load, port: target.port, path: target.path, vary, token };
  const onReady = async () => {
    await rig.upstream.reset();
    before = readCpuMs();
  };
  const result = await rig.generator.run(job, onReady).finally(() => clearInterval(sampler));
  const after = readCpuMs();
  const serverMs = after.server - before.server;
  const loadMs = after.load - before.load;
  const machineMs = after.machine - before.machine;
  const calls = await rig.upstream.read();
  const { completed, elapsedMs } = result;
  return {
    requestsPerSecond: (completed * 1000) / elapsedMs,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    maxMs: result.maxMs,
    cpuMsPerRequest: serverMs / completed,
    peakRssBytes,
    upstreamCallsPerRequest: calls.total / completed,
    authorizedCallsPerRequest: calls.withAuthorization === null ? null : calls.withAuthorization / completed,
    bytesPerAnswer: result.bytesPerAnswer,
    completed,
    failures: result.failures,
    firstFailure: result.firstFailure,
    serverShare: serverMs / elapsedMs,
    loadShare: loadMs / elapsedMs,
    otherShare: Math.max(0, machineMs - serverMs - loadMs) / elapsedMs,
  };
}

function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
