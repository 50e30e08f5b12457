/** The body of an upload, read and checked: bytes in, files out. Where it is large this is done in a thread of its own. */
import type { Manner, Upload } from '../../registry/registrar/types.ts';
import { addBody, mannerOf, updateBody, uploadOf } from './bodies.ts';
import { type BodyOptions, type BodyRead, readBody } from './read-body.ts';

/** `add` says the name of the source in its body, `update` in its path. */
export type UploadOptions = BodyOptions & { readonly what: 'add' | 'update' };

/** What is asked for; `name` is empty for `update`. */
export type Asked = { readonly name: string; readonly upload: Upload; readonly manner: Manner };

export async function readUpload(bytes: Uint8Array, { what, ...options }: UploadOptions): Promise<BodyRead<Asked>> {
  if (what === 'add') {
    const read = await readBody(bytes, addBody, options);
    return read.ok ? { ok: true, body: { name: read.body.name, ...askedOf(read.body) } } : read;
  }
  const read = await readBody(bytes, updateBody, options);
  return read.ok ? { ok: true, body: { name: '', ...askedOf(read.body) } } : read;
}

function askedOf(body: Parameters<typeof uploadOf>[0]): Omit<Asked, 'name'> {
  return { upload: uploadOf(body), manner: mannerOf(body) };
}
