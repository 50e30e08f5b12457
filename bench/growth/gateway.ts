import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Pool } from 'undici';
import { cores, freePort, launch } from '../lib/launch.ts';
import { program } from './projects.ts';

/** A query, and the `data` that is right for it; a function judges what cannot be told beforehand. */
export type Question = { query: string; expected: unknown };

export type Gateway = AsyncDisposable & {
  pid: number;
  /** From spawn to the first right answer. */
  startMs: number;
  /** What that answer took by itself. */
  firstMs: number;
  /** The answer's bytes, unread. @throws Error when the status is not 200 */
  ask(query: string): Promise<Buffer>;
  /** The time from question to answer. @throws Error when the answer is wrong */
  check(question: Question): Promise<number>;
};

/** Connections to one gateway, and the requests on their way at a time. */
export const AT_A_TIME = 16;

const START_LIMIT_MS = 300_000;
const POLL_MS = 10;
const SHOWN = 600;

/**
 * Starts the built gateway for a project and asks it until it answers rightly.
 *
 * @throws Error with what it printed when it does not get that far, or answers wrongly
 */
export async function startGateway(project: string, first: Question): Promise<Gateway> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const spawnedAt = performance.now();
  const env = { PORT: String(port), ADMIN_PORT: String(adminPort) };
  const launched = launch(process.execPath, [program, 'serve', '--dir', project], { core: cores.server, env });
  const pool = new Pool(`http://127.0.0.1:${port}`, {
    connections: AT_A_TIME,
    headersTimeout: START_LIMIT_MS,
    bodyTimeout: START_LIMIT_MS,
  });
  const ask = async (query: string): Promise<Buffer> => {
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path: '/graphql',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    const bytes = Buffer.from(await body.arrayBuffer());
    if (statusCode !== 200) throw new Error(`status ${statusCode}: ${bytes.toString('utf8', 0, SHOWN)}`);
    return bytes;
  };
  const check = async ({ query, expected }: Question): Promise<number> => {
    const askedAt = performance.now();
    const answer = await ask(query);
    const took = performance.now() - askedAt;
    if (!isDeepStrictEqual(JSON.parse(answer.toString()), { data: expected }))
      throw new Error(`wrong answer to ${query.slice(0, SHOWN)}: ${answer.toString('utf8', 0, SHOWN)}`);
    return took;
  };
  const stop = async (): Promise<void> => {
    await pool.destroy();
    await launched.stop();
  };
  try {
    for (;;) {
      const firstMs = await check(first).catch((cause: unknown) => {
        if (launched.exited() || performance.now() - spawnedAt > START_LIMIT_MS) throw cause;
        return undefined;
      });
      const startMs = performance.now() - spawnedAt;
      if (firstMs !== undefined)
        return { pid: launched.pid, startMs, firstMs, ask, check, [Symbol.asyncDispose]: stop };
      await wait(POLL_MS);
    }
  } catch (cause) {
    await stop();
    throw new Error(`${String(cause)}\n${launched.output()}`, { cause });
  }
}
