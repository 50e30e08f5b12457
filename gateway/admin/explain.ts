import type { Hono } from 'hono';
import { z } from 'zod';
import { problem } from './problem.ts';

const asked = z.strictObject({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
  analyze: z.boolean().default(false),
});

/** They say how the admin request was sent, not what its sender wants of sources. */
const OWN = new Set(['host', 'connection', 'content-length', 'content-type', 'transfer-encoding', 'accept', 'expect']);

/**
 * `POST /explain` with `{"query", "variables", "operationName", "analyze"}`: what the operation would do, or with `analyze` what it did.
 * Headers beside it are the client's: they are forwarded to sources as policies say.
 */
export function addExplain(app: Hono, explain: (request: Request) => Promise<Response>): void {
  app.post('/explain', async (context) => {
    const body: unknown = await context.req.json().catch(() => undefined);
    const parsed = asked.safeParse(body);
    if (!parsed.success) {
      return problem(400, 'Bad Request', 'Send {"query": "…"}, and if you like variables, operationName, analyze.');
    }
    const { analyze, ...operation } = parsed.data;
    const headers = new Headers([...context.req.raw.headers].filter(([name]) => !OWN.has(name)));
    headers.set('content-type', 'application/json');
    headers.set('accept', 'application/graphql-response+json');
    headers.set('x-tributary-explain', analyze ? 'analyze' : 'plan');
    const { signal } = context.req.raw;
    const request = { method: 'POST', headers, body: JSON.stringify(operation), signal };
    return await explain(new Request('http://gateway/graphql', request));
  });
}
