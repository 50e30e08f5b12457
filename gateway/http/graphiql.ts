/**
 * GraphiQL without any network: the page carries its script, styles, fonts and workers. It is some megabytes long, so it is rendered and
 * compressed once per generation, on first use, and a browser that has it is told so.
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { GraphQLSchema } from 'graphql';
import { writeExampleQuery } from './example-query.ts';

export type GraphiqlOptions = {
  readonly title: string;
  /** Without one a query is written from the schema, where everybody may look at it. */
  readonly defaultQuery?: string | undefined;
  /** Whether the schema is open to everybody: the page is, so that nothing of it may stand there otherwise. */
  readonly isSchemaOpen: boolean;
};

/** Makes the HTML; a parameter because the library that holds it is large and loaded late. */
export type RenderPage = (options: { title: string; defaultQuery: string }) => string | Promise<string>;

type Bytes = Uint8Array<ArrayBuffer>;

export type Page = {
  readonly status: 200 | 304;
  readonly headers: Record<string, string>;
  readonly body: Bytes | null;
};

/** What the page may load and talk to: itself. `unsafe-eval` and `blob:` are for the editor's workers. */
const policy = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  'worker-src blob:',
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** Whether a browser asks for a page rather than a client for data. */
export function wantsPage(method: string, accept: string | undefined): boolean {
  return method === 'GET' && accept !== undefined && accept.includes('text/html');
}

/** A function that answers requests for the page of one schema. */
export function createPage(schema: GraphQLSchema, options: GraphiqlOptions, render: RenderPage) {
  let rendering: Promise<{ plain: Bytes; packed: Bytes; tag: string }> | undefined;
  return async (headers: ReadonlyMap<string, string>): Promise<Page> => {
    rendering ??= prepare(schema, options, render);
    const { plain, packed, tag } = await rendering;
    const common = {
      etag: tag,
      vary: 'accept, accept-encoding',
      'cache-control': 'no-cache',
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    };
    if (headers.get('if-none-match') === tag) return { status: 304, headers: common, body: null };
    const type = { ...common, 'content-type': 'text/html; charset=utf-8' };
    if (!/\bgzip\b/.test(headers.get('accept-encoding') ?? '')) return { status: 200, headers: type, body: plain };
    return { status: 200, headers: { ...type, 'content-encoding': 'gzip' }, body: packed };
  };
}

async function prepare(schema: GraphQLSchema, options: GraphiqlOptions, render: RenderPage) {
  const { title, defaultQuery, isSchemaOpen } = options;
  const query = defaultQuery ?? (isSchemaOpen ? writeExampleQuery(schema) : '{ __typename }');
  const html = await render({ title: escapeHtml(title), defaultQuery: escapeScript(query) });
  const plain = Buffer.from(html);
  const tag = `"${createHash('sha256').update(plain).digest('hex').slice(0, 32)}"`;
  return { plain, packed: await promisify(gzip)(plain, { level: 6 }), tag };
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The query stands inside a script element, which `</script>` would end; within GraphQL strings the escape means the same letter. */
function escapeScript(query: string): string {
  return query.replaceAll('</', '\\u003C/').replaceAll('<!--', '\\u003C!--');
}
