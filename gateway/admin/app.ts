/** The admin port: health for an orchestrator, metrics for Prometheus. Kept apart from /graphql so that it can stay private. */
import { Hono } from 'hono';
import type { Metrics } from '../observe/metrics.ts';

export type SourceState = {
  readonly name: string;
  /** `degraded`: an old bundle serves. `failed`: the source is not part of the schema. */
  readonly state: 'serving' | 'degraded' | 'failed';
  readonly message?: string | undefined;
};

export type Readiness = {
  /** True only while a generation serves and the gateway is not draining. */
  readonly ready: boolean;
  readonly generation?: string | undefined;
  readonly sources: readonly SourceState[];
};

export type AdminOptions = {
  readonly readiness: () => Readiness;
  readonly metrics: Pick<Metrics, 'expose' | 'contentType'>;
};

/** Answers `/health/live`, `/health/ready` and `/metrics`; anything else is a problem document (RFC 9457). */
export function createAdmin({ readiness, metrics }: AdminOptions): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
  });
  app.get('/health/live', (context) => context.json({ live: true }));
  app.get('/health/ready', (context) => {
    const state = readiness();
    return context.json(state, state.ready ? 200 : 503);
  });
  app.get(
    '/metrics',
    async () => new Response(await metrics.expose(), { headers: { 'content-type': metrics.contentType } }),
  );
  app.notFound(() => problem(404, 'Not Found', 'Known here: /health/live, /health/ready, /metrics.'));
  app.onError(() => problem(500, 'Internal Server Error', 'The admin request failed.'));
  return app;
}

function problem(status: number, title: string, detail: string): Response {
  const body = JSON.stringify({ type: 'about:blank', title, status, detail });
  return new Response(body, { status, headers: { 'content-type': 'application/problem+json' } });
}
