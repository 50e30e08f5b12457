/** `/api/v1`: sources are registered, changed and withdrawn while the gateway serves. */
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { z } from 'zod';
import type { GatewayConfig } from '../../config/schema.ts';
import type { Registrar } from '../../registry/registrar/registrar.ts';
import type { Actor, Outcome } from '../../registry/registrar/types.ts';
import { problem } from '../problem.ts';
import { mannerBody, mannerOf, rollbackBody, stateBody } from './bodies.ts';
import { apiDocument } from './document.ts';
import { type BodyOptions, type BodyRead, readBody } from './read-body.ts';
import type { Asked } from './read-upload.ts';
import { refusalProblem } from './refusals.ts';
import { takeUpload } from './take-upload.ts';
import { createGatekeeper } from './tokens.ts';
import { limitUpload, piecesOf } from './upload-body.ts';

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
/** What brings no files says a reason at most. */
const MAX_WORD_BYTES = 65_536;
const MAX_PAGE = 200;

/** The API as an app of its own, to be mounted below `/api/v1`. */
export function createApi({ registrar, config, operations, onFault }: ApiOptions): Hono<Env> {
  const gatekeeper = createGatekeeper(config.tokens);
  const app = new Hono<Env>();
  const maxUpload = Math.ceil(config.maxUploadBytes * CODED);
  const upload = limitUpload(maxUpload, () => tooLarge(maxUpload));
  const word = bodyLimit({ maxSize: MAX_WORD_BYTES, onError: () => tooLarge(MAX_WORD_BYTES) });

  app.get('/openapi.json', (context) => context.json(apiDocument()));
  app.use(async (context, next) => {
    const actor = gatekeeper(context.req.header('authorization'));
    if (actor instanceof Response) return actor;
    context.set('actor', actor);
    return await next();
  });
  app.get('/sources', async (context) => context.json({ sources: await registrar.list() }));
  app.post('/sources', upload, async (context) => {
    const body = await uploaded(context, 'add');
    if (body instanceof Response) return body;
    const { name, upload, manner } = body;
    const wish = { name, what: 'add' as const, upload, ...manner, ...expected(context) };
    return outcome(context, await registrar.submit(wish, context.var.actor), 201);
  });
  app.get('/sources/:name', async (context) => {
    const source = await registrar.show(context.req.param('name'), context.var.actor);
    if (!source) return problem(404, 'Not Found', 'There is no such source.', { code: 'unknown-source' });
    if (source.version !== undefined) context.header('etag', `"${source.version}"`);
    return context.json(source);
  });
  app.put('/sources/:name', upload, async (context) => {
    const body = await uploaded(context, 'update');
    if (body instanceof Response) return body;
    const { upload, manner } = body;
    const wish = { name: context.req.param('name'), what: 'update' as const, upload, ...manner, ...expected(context) };
    return outcome(context, await registrar.submit(wish, context.var.actor), 200);
  });
  app.delete('/sources/:name', word, async (context) => {
    const body = await read(context, mannerBody);
    if (body instanceof Response) return body;
    const manner = { ...mannerOf(body), ...expected(context) };
    return outcome(context, await registrar.withdraw(context.req.param('name'), manner, context.var.actor), 200);
  });
  app.post('/sources/:name/rollback', word, async (context) => {
    const body = await read(context, rollbackBody);
    if (body instanceof Response) return body;
    const manner = { ...mannerOf(body), ...expected(context) };
    return outcome(
      context,
      await registrar.rollback(context.req.param('name'), body.version, manner, context.var.actor),
      200,
    );
  });
  app.post('/sources/:name/promote', word, async (context) => {
    const body = await read(context, mannerBody);
    if (body instanceof Response) return body;
    const manner = { ...mannerOf(body), ...expected(context) };
    return outcome(context, await registrar.promote(context.req.param('name'), manner, context.var.actor), 200);
  });
  app.post('/sources/:name/state', word, async (context) => {
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
  app.get('/sources/:name/export', async (context) =>
    context.json(await registrar.export(context.req.param('name'), context.var.actor)),
  );
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

function tooLarge(maxBytes: number): Response {
  return problem(413, 'Content Too Large', `A request has ${maxBytes} bytes at most.`, { code: 'too-large' });
}

/** The body of an upload, checked. */
async function uploaded(context: Context, what: 'add' | 'update'): Promise<Asked | Response> {
  return bodyOf(await takeUpload(piecesOf(context), { ...bodyOptions(context), what }));
}

/** The body of any other request, checked. */
async function read<T>(context: Context, schema: z.ZodType<T>): Promise<T | Response> {
  const bytes = new Uint8Array(await context.req.arrayBuffer());
  return bodyOf(await readBody(bytes, schema, bodyOptions(context)));
}

function bodyOptions(context: Context): BodyOptions {
  const dryRun = context.req.query('dryRun');
  return {
    type: context.req.header('content-type') ?? '',
    dryRun: dryRun === undefined ? undefined : dryRun === 'true' || dryRun === '',
  };
}

function bodyOf<T>(read: BodyRead<T>): T | Response {
  if (read.ok) return read.body;
  const { status, detail, faults } = read.fault;
  const title = status === 415 ? 'Unsupported Media Type' : 'Bad Request';
  return problem(status, title, detail, { code: 'invalid', ...(faults ? { faults } : {}) });
}

/** `If-Match: "3"` is a change for version 3, `If-None-Match: *` one for no version (RFC 9110 §13.1). */
function expected(context: Context): { expects?: number } {
  if (context.req.header('if-none-match')?.trim() === '*') return { expects: 0 };
  const [, version] = /^"(\d{1,9})"$/.exec(context.req.header('if-match')?.trim() ?? '') ?? [];
  return version === undefined ? {} : { expects: Number(version) };
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
