/** The admin port: health for an orchestrator, metrics for Prometheus. Kept apart from /graphql so that it can stay private. */
import { Hono } from 'hono';
import { z } from 'zod';
import type { Breakers } from '../connect/chain/breakers.ts';
import type { Metrics } from '../observe/metrics.ts';
import { type ApiOptions, createApi } from './api/routes.ts';
import { addCacheInvalidation, type DropAnswers } from './cache.ts';
import { addExplain } from './explain.ts';
import { limitBody, refuseStrangers } from './guard.ts';
import { problem } from './problem.ts';
import type { Readiness } from './readiness.ts';

const forcing = z.strictObject({ forced: z.enum(['open', 'closed']).nullable() });

export type AdminOptions = {
  readonly readiness: () => Readiness | Promise<Readiness>;
  readonly metrics: Pick<Metrics, 'expose' | 'contentType'>;
  /** The breakers of all sources; absent where nothing has any. */
  readonly breakers?: AdminBreakers | undefined;
  /** Changes sources; absent where nothing can be registered. */
  readonly api?: ApiOptions | undefined;
  /** Answers a GraphQL request with its explanation; absent where nothing is served. */
  readonly explain?: ((request: Request) => Promise<Response>) | undefined;
  /** Drops whole answers that are kept; absent where none is. */
  readonly dropAnswers?: DropAnswers | undefined;
};

/** Breakers of this process, or of all that serve side by side. */
export type AdminBreakers = {
  list(): MaybeLater<ReturnType<Breakers['list']>>;
  force(...wanted: Parameters<Breakers['force']>): MaybeLater<ReturnType<Breakers['force']>>;
};

type MaybeLater<T> = T | Promise<T>;

const KNOWN = [
  ...['/health/live', '/health/ready', '/metrics', '/breakers', '/explain'],
  ...['/admin/cache/invalidate', '/api/v1/openapi.json'],
];

/** Answers `/health/live`, `/health/ready`, `/metrics`, `/breakers`, `/explain`, `/admin/cache/invalidate` and `/api/v1`; anything else is a problem document (RFC 9457). */
export function createAdmin({ readiness, metrics, breakers, explain, dropAnswers, api }: AdminOptions): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
  });
  // It has tokens and bounds of its own.
  if (api) app.route('/api/v1', createApi(api));
  app.use(refuseStrangers, limitBody);
  app.get('/health/live', (context) => context.json({ live: true }));
  app.get('/health/ready', async (context) => {
    const state = await readiness();
    return context.json(state, state.ready ? 200 : 503);
  });
  app.get(
    '/metrics',
    async () => new Response(await metrics.expose(), { headers: { 'content-type': metrics.contentType } }),
  );
  if (breakers) addBreakers(app, breakers);
  if (explain) addExplain(app, explain);
  if (dropAnswers) addCacheInvalidation(app, dropAnswers);
  app.notFound(() => problem(404, 'Not Found', `Known here: ${KNOWN.join(', ')}.`));
  app.onError(() => problem(500, 'Internal Server Error', 'The admin request failed.'));
  return app;
}

/**
 * Lists breakers; `PUT /breakers/<source>/<operation>` with `{"forced": "open" | "closed" | null}` holds one or lets it go, and
 * `PUT /breakers/<source>` all of a source. It takes no policy to hold one.
 */
function addBreakers(app: Hono, breakers: AdminBreakers): void {
  app.get('/breakers', async (context) => context.json({ breakers: await breakers.list() }));
  app.put('/breakers/:source/:operation?', async (context) => {
    const { source = '', operation } = context.req.param();
    const body: unknown = await context.req.json().catch(() => undefined);
    const parsed = forcing.safeParse(body);
    if (!parsed.success)
      return problem(400, 'Bad Request', 'Send {"forced": "open"}, {"forced": "closed"} or {"forced": null}.');
    const held = await breakers.force(source, operation, parsed.data.forced ?? undefined);
    if (held.length > 0) return context.json({ breakers: held });
    const what = operation === undefined ? `source ${source}` : `operation ${operation} of ${source}`;
    return problem(404, 'Not Found', `Nothing calls the ${what}: GET /breakers lists what is called.`);
  });
}
