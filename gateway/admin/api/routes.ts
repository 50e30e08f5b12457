/** `/api/v1`: sources are registered, changed and withdrawn while the gateway serves. */
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { z } from 'zod';
import type { GatewayConfig } from '../../config/schema.ts';
import type { Registrar } from '../../registry/registrar/registrar.ts';
import type { Actor, Outcome } from '../../registry/registrar/types.ts';
import { problem } from '../problem.ts';
import { addBody, mannerBody, mannerOf, readForm, rollbackBody, stateBody, updateBody, uploadOf } from './bodies.ts';
import { apiDocument } from './document.ts';
import { refusalProblem } from './refusals.ts';
import { createGatekeeper } from './tokens.ts';

export type ApiOptions = {
  registrar: Registrar;
  config: GatewayConfig['registration'];
  /** Operations that clients use, for `GET /operations`; absent where they are not recorded. */
  operations?: { list(): Promise<readonly unknown[]> } | undefined;
  /** Told of faults of ours. */
  onFault: (error: unknown) => void;
};

type Env = { Variables: { actor: Actor } };

/** base64 takes a third more than bytes. */
const CODED = 1.4;
const MAX_PAGE = 200;

/** The API as an app of its own, to be mounted below `/api/v1`. */
export function createApi({ registrar, config, operations, onFault }: ApiOptions): Hono<Env> {
  const gatekeeper = createGatekeeper(config.tokens);
  const app = new Hono<Env>();
  const maxSize = Math.ceil(config.maxUploadBytes * CODED);
  const tooLarge = (): Response =>
    problem(413, 'Content Too Large', `A request has ${maxSize} bytes at most.`, { code: 'too-large' });

  app.get('/openapi.json', (context) => context.json(apiDocument()));
  app.use(async (context, next) => {
    const actor = gatekeeper(context.req.header('authorization'));
    if (actor instanceof Response) return actor;
    context.set('actor', actor);
    return await next();
  });
  app.use(bodyLimit({ maxSize, onError: tooLarge }));

  app.get('/sources', async (context) => context.json({ sources: await registrar.list() }));
  app.post('/sources', async (context) => {
    const body = await read(context, addBody);
    if (body instanceof Response) return body;
    const { name } = body;
    const wish = { name, what: 'add' as const, upload: uploadOf(body), ...mannerOf(body, expected(context)) };
    return outcome(context, await registrar.submit(wish, context.var.actor), 201);
  });
  app.get('/sources/:name', async (context) => {
    const source = await registrar.show(context.req.param('name'));
    if (!source) return problem(404, 'Not Found', 'There is no such source.', { code: 'unknown-source' });
    if (source.version !== undefined) context.header('etag', `"${source.version}"`);
    return context.json(source);
  });
  app.put('/sources/:name', async (context) => {
    const body = await read(context, updateBody);
    if (body instanceof Response) return body;
    const name = context.req.param('name');
    const wish = { name, what: 'update' as const, upload: uploadOf(body), ...mannerOf(body, expected(context)) };
    return outcome(context, await registrar.submit(wish, context.var.actor), 200);
  });
  app.delete('/sources/:name', async (context) => {
    const body = await read(context, mannerBody);
    if (body instanceof Response) return body;
    const manner = mannerOf(body, expected(context));
    return outcome(context, await registrar.withdraw(context.req.param('name'), manner, context.var.actor), 200);
  });
  app.post('/sources/:name/rollback', async (context) => {
    const body = await read(context, rollbackBody);
    if (body instanceof Response) return body;
    const manner = mannerOf(body, expected(context));
    return outcome(
      context,
      await registrar.rollback(context.req.param('name'), body.version, manner, context.var.actor),
      200,
    );
  });
  app.post('/sources/:name/promote', async (context) => {
    const body = await read(context, mannerBody);
    if (body instanceof Response) return body;
    const manner = mannerOf(body, expected(context));
    return outcome(context, await registrar.promote(context.req.param('name'), manner, context.var.actor), 200);
  });
  app.post('/sources/:name/state', async (context) => {
    const body = await read(context, stateBody);
    if (body instanceof Response) return body;
    const { state, reason } = body;
    const wish = { name: context.req.param('name'), state, ...(reason === undefined ? {} : { reason }) };
    const { number } = await registrar.setState(wish, context.var.actor);
    return context.json({ source: wish.name, state, revision: number });
  });
  app.get('/sources/:name/diff', async (context) => {
    const [from, to] = [versionOf(context.req.query('from')), versionOf(context.req.query('to'))];
    if (from === null || to === null)
      return problem(400, 'Bad Request', 'from and to are numbers of versions.', { code: 'invalid' });
    return context.json(await registrar.diff(context.req.param('name'), from, to));
  });
  app.get('/sources/:name/export', async (context) => context.json(await registrar.export(context.req.param('name'))));
  app.get('/audit', async (context) => {
    const { source, before, limit = '50' } = context.req.query();
    const [first, count] = [versionOf(before), versionOf(limit)];
    if (first === null || !count)
      return problem(400, 'Bad Request', 'before and limit are whole numbers.', { code: 'invalid' });
    const asked = {
      ...(source === undefined ? {} : { source }),
      ...(first === undefined ? {} : { before: first }),
      limit: Math.min(count, MAX_PAGE),
    };
    return context.json({ changes: await registrar.audit(asked) });
  });
  app.get('/operations', async (context) => {
    if (!operations)
      return problem(404, 'Not Found', 'Operations are not recorded here (operations.record).', { code: 'not-found' });
    return context.json({ operations: await operations.list() });
  });
  app.notFound(() => problem(404, 'Not Found', 'The API is described at /api/v1/openapi.json.', { code: 'not-found' }));
  app.onError((error) => {
    const refused = refusalProblem(error);
    if (refused) return refused;
    onFault(error);
    return problem(500, 'Internal Server Error', 'The request failed; the log says why.', { code: 'internal' });
  });
  return app;
}

/** The body by its media type, checked; a request without one has an empty one. */
async function read<T>(context: Context, schema: z.ZodType<T>): Promise<T | Response> {
  const type = context.req.header('content-type') ?? '';
  let body: unknown = {};
  try {
    if (/^multipart\/form-data\s*;/i.test(type)) body = await readForm(await context.req.formData());
    else if (/^application\/json\s*(;|$)/i.test(type)) body = await context.req.json();
    else if (type !== '' || (await context.req.text()) !== '')
      return problem(415, 'Unsupported Media Type', 'Send application/json or multipart/form-data.', {
        code: 'invalid',
      });
  } catch {
    return problem(400, 'Bad Request', 'The body cannot be read as what its content-type says.', { code: 'invalid' });
  }
  const dryRun = context.req.query('dryRun');
  if (dryRun !== undefined && typeof body === 'object' && body !== null)
    body = { ...body, dryRun: dryRun === 'true' || dryRun === '' };
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.slice(0, 20).map(({ path, message }) => ({ path: path.join('.'), message }));
  const detail = faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  return problem(400, 'Bad Request', detail, { code: 'invalid', faults });
}

/** `If-Match: "3"` is a change for version 3, `If-None-Match: *` one for no version (RFC 9110 §13.1). */
function expected(context: Context): number | undefined {
  if (context.req.header('if-none-match')?.trim() === '*') return 0;
  const [, version] = /^"(\d{1,9})"$/.exec(context.req.header('if-match')?.trim() ?? '') ?? [];
  return version === undefined ? undefined : Number(version);
}

/** Undefined where there is none, null where it is no number. */
function versionOf(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function outcome(context: Context, result: Outcome, made: 200 | 201): Response {
  if (result.version !== undefined) context.header('etag', `"${result.version}"`);
  if (result.applied && made === 201) context.header('location', `/api/v1/sources/${result.source}`);
  return context.json(result, result.dryRun || result.unchanged ? 200 : result.applied ? made : 202);
}
