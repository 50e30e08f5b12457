/** Where bodies of uploads are read: what is large never is where requests are served. */
import { expect, it } from 'vitest';
import { type Reader, takeUpload } from '../../../gateway/admin/api/take-upload.ts';

const JSON_TYPE = { type: 'application/json', dryRun: undefined, what: 'add' as const };
const bodyOf = (text: string): string =>
  JSON.stringify({ name: 'orders', contract: { files: { 'openapi.yaml': text }, main: 'openapi.yaml' } });

async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

/** A reader that notes what it is given. */
function note() {
  const pieces: number[] = [];
  const told: string[] = [];
  const reader: Reader = {
    add: (piece) => void pieces.push(piece.length),
    end: async () => {
      told.push('end');
      return { ok: false, fault: { status: 400, detail: 'noted' } };
    },
    stop: () => void told.push('stop'),
  };
  return { pieces, told, start: () => reader };
}

it('a small one is read at once', async () => {
  const { told, start } = note();
  const read = await takeUpload(inPieces(Buffer.from(bodyOf('a: 1')), 7), JSON_TYPE, start);
  expect(read).toMatchObject({ ok: true, body: { name: 'orders' } });
  expect(told).toEqual([]);
});

it('a large one is handed on piece by piece, and never put together here', async () => {
  const { pieces, told, start } = note();
  const bytes = Buffer.from(bodyOf('x'.repeat(300_000)));
  const read = await takeUpload(inPieces(bytes, 30_000), JSON_TYPE, start);
  expect(read).toEqual({ ok: false, fault: { status: 400, detail: 'noted' } });
  expect(Math.max(...pieces)).toBe(30_000);
  expect(pieces.reduce((sum, length) => sum + length)).toBe(bytes.length);
  expect(told).toEqual(['end', 'stop']);
});

it('is forgotten when its sender goes', async () => {
  const { told, start } = note();
  async function* cut(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(100_000);
    throw new Error('gone');
  }
  await expect(takeUpload(cut(), JSON_TYPE, start)).rejects.toThrow('gone');
  expect(told).toEqual(['stop']);
});

it.each([
  ['JSON', (text: string) => new Response(bodyOf(text), { headers: { 'content-type': 'application/json' } })],
  [
    'a form',
    (text: string) => {
      const form = new FormData();
      form.append('name', 'orders');
      form.append('contract', new File([text], 'openapi.yaml'));
      form.append('files', new File(['pem'], 'ca.pem'));
      return new Response(form);
    },
  ],
])(
  'a large one comes out of its thread as it went in: %s',
  async (_title, make) => {
    const text = 'é'.repeat(100_000);
    const response = make(text);
    const type = response.headers.get('content-type') ?? '';
    const bytes = new Uint8Array(await response.arrayBuffer());
    const read = await takeUpload(inPieces(bytes, 65_536), { ...JSON_TYPE, type });
    if (!read.ok) throw new Error(read.fault.detail);
    const { contract, files } = read.body.upload;
    expect(contract).toMatchObject({ main: 'openapi.yaml' });
    const brought = contract && 'files' in contract ? contract.files.get('openapi.yaml') : undefined;
    expect(brought?.equals(Buffer.from(text))).toBe(true);
    expect(files?.get('ca.pem')?.toString()).toBe(files ? 'pem' : undefined);
  },
  60_000,
);

it('a large one that says something else is refused by its thread', async () => {
  const read = await takeUpload(inPieces(Buffer.from(`{"nme":"${'x'.repeat(100_000)}"}`), 65_536), JSON_TYPE);
  expect(read).toMatchObject({ ok: false, fault: { status: 400, detail: expect.stringContaining('nme') } });
}, 60_000);
