/** What builds for tests of what is served: the threads of `start-builders.ts`, or a process of its own where there are none. */
import { deserialize, serialize } from 'node:v8';
import type { Attempt } from '../../gateway/registry/build-process.ts';
import { type Builder, createBuilder, type TryTask } from '../../gateway/registry/builder.ts';

const url = process.env['TEST_BUILDERS_URL'];

const attemptInThread: TryTask = async <Answer>(task: unknown, env: unknown): Promise<Attempt<Answer>> => {
  const response = await fetch(url ?? '', { method: 'POST', body: serialize({ task, env }) });
  const body = Buffer.from(await response.arrayBuffer());
  if (!response.ok) throw new Error(`the build ended with ${body}`);
  return { answer: deserialize(body) as Answer };
};

/** @returns a builder for one test file */
export function warmBuilder(): Builder {
  return createBuilder(url === undefined ? {} : { attempt: attemptInThread });
}
