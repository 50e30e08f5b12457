import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from './lib/launch.ts';
import { signToken } from './lib/token.ts';
import { compareAnswer } from './load/check.ts';
import { operationText } from './load/request.ts';
import type { Target } from './measure.ts';
import type { Case, Peer, RunningServer, Setup, UpstreamPorts } from './types.ts';

const startLimitMs = 60_000;
const pollMs = 10;

/**
 * Starts a server and asks it until its first correct answer; the time from spawn to there is the start-up time.
 * Then every other query is asked once, so that nothing wrong is ever measured.
 *
 * @param cases the workload's queries with their expected answers; the first decides when the server counts as started
 * @throws Error with the server's output when it does not answer, or answers wrongly
 */
export async function startServer(
  peer: Peer,
  setup: Setup,
  cases: readonly Case[],
  upstream: UpstreamPorts,
): Promise<{ target: Target; startupMs: number }> {
  const ports = { server: await freePort(), admin: await freePort(), upstream };
  const spawnedAt = performance.now();
  const server = await peer.start(setup, ports);
  try {
    const [first, ...others] = cases;
    if (!first) throw new Error('a workload without a query');
    const token = setup.signed ? signToken() : 'first';
    await untilCorrect(server, first, token, spawnedAt + startLimitMs);
    const startupMs = performance.now() - spawnedAt;
    for (const other of others) {
      const fault = await ask(server.url, other, token);
      if (fault !== null) throw new Error(`${other.name}: ${fault}`);
    }
    const url = new URL(server.url);
    return { target: { peer, server, path: url.pathname, port: Number(url.port) }, startupMs };
  } catch (cause) {
    await server.stop();
    throw new Error(`${peer.name} (${setup.workload}): ${String(cause)}\n${server.output()}`, { cause });
  }
}

async function untilCorrect(server: RunningServer, oneCase: Case, token: string, limit: number): Promise<void> {
  for (;;) {
    const fault = await ask(server.url, oneCase, token).catch((error: unknown) => String(error));
    if (fault === null) return;
    if (server.exited()) throw new Error('the process ended');
    if (performance.now() > limit) throw new Error(`no correct answer to ${oneCase.name} in time: ${fault}`);
    await wait(pollMs);
  }
}

async function ask(url: string, oneCase: Case, token: string): Promise<string | null> {
  const { operation } = oneCase;
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: operationText(operation, null) }),
    signal: AbortSignal.timeout(startLimitMs),
  });
  const body = Buffer.from(await response.arrayBuffer());
  if (!response.ok) return `status ${response.status}: ${body.toString('utf8', 0, 600)}`;
  return compareAnswer(body, operation.rootField, oneCase);
}
