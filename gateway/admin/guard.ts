import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { problem } from './problem.ts';

const MAX_BODY_BYTES = 1_048_576;

/** Requests that change or run something bring at most 1 MiB. */
export const limitBody: MiddlewareHandler = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => problem(413, 'Content Too Large', `The body may have ${MAX_BODY_BYTES} bytes.`),
});

/**
 * Keeps pages of other sites from using a browser that reaches the admin port: what changes or runs something has to say that it is JSON,
 * which a page cannot without a preflight that is never answered, and must not come from elsewhere (Fetch standard, `Origin`).
 */
export const refuseStrangers: MiddlewareHandler = async (context, next) => {
  const { method } = context.req;
  if (method === 'GET' || method === 'HEAD') return await next();
  const origin = context.req.header('origin');
  const host = context.req.header('host') ?? new URL(context.req.url).host;
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)) {
    return problem(403, 'Forbidden', 'Pages of other sites cannot use this port.');
  }
  if (!/^application\/json\s*(;|$)/i.test(context.req.header('content-type') ?? '')) {
    return problem(415, 'Unsupported Media Type', 'Send content-type: application/json.');
  }
  return await next();
};
