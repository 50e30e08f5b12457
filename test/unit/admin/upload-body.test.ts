/** Bodies of uploads as a port takes them in: with their length told, and without. */
import { request } from 'node:http';
import { Readable } from 'node:stream';
import type { Context } from 'hono';
import { expect, it } from 'vitest';
import { piecesOf } from '../../../gateway/admin/api/upload-body.ts';
import { listenAdmin } from '../../../gateway/admin/listen.ts';
import { open, TOKEN } from './api-kit.ts';

const MAX = Math.ceil(2048 * 1.4);
const bodyOf = (text: string): string =>
  JSON.stringify({ name: 'orders', contract: { files: { a: text }, main: 'a' } });

type Sent = { body?: string; told: boolean; length?: number; port: number };

/** What is not told comes in chunks. */
function send({ body = '', told, length, port }: Sent): Promise<{ status: number; body: Record<string, unknown> }> {
  const headers = {
    authorization: `Bearer ${TOKEN}`,
    'content-type': 'application/json',
    ...(told ? { 'content-length': length ?? Buffer.byteLength(body) } : { 'transfer-encoding': 'chunked' }),
  };
  const options = { host: '127.0.0.1', port, path: '/sources', method: 'POST', headers, agent: false };
  return new Promise((resolve, reject) => {
    const sent = request(options, async (response) => {
      const pieces: Buffer[] = [];
      for await (const piece of response) pieces.push(piece as Buffer);
      sent.destroy();
      resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(pieces).toString()) });
    });
    sent.on('error', reject);
    if (length === undefined) sent.end(body);
    else sent.write(body);
  });
}

it.each([
  ['told', true],
  ['not told', false],
])('whose length is %s are read whole, or refused where they are too long', async (_, told) => {
  const { api, asked } = open();
  await using admin = await listenAdmin(api, { host: '127.0.0.1', port: 0 });
  const { port } = admin;
  expect(await send({ body: bodyOf('x'), told, port })).toMatchObject({ status: 201 });
  expect(asked).toMatchObject([{ method: 'submit', args: [{ name: 'orders' }, {}] }]);
  expect(await send({ body: bodyOf('x'.repeat(MAX)), told, port })).toMatchObject({
    status: 413,
    body: { code: 'too-large' },
  });
  expect(await send({ told, port })).toMatchObject({ status: 400 });
  expect(asked).toHaveLength(1);
});

it('are refused by their length alone, before they have come', async () => {
  const { api } = open();
  await using admin = await listenAdmin(api, { host: '127.0.0.1', port: 0 });
  expect(await send({ body: '{', told: true, length: MAX + 1, port: admin.port })).toMatchObject({ status: 413 });
});

it('are read as node has them where their length is told, past Web streams', () => {
  const headers = { 'content-length': '3' };
  const incoming = Object.assign(Readable.from(['abc']), { headers });
  const raw = {
    get body(): never {
      throw new Error('made a Web stream');
    },
  };
  expect(piecesOf({ env: { incoming }, req: { raw } } as unknown as Context)).toBe(incoming);
});
