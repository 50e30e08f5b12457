/** A file of a `multipart/form-data` body. */
export type FormFile = { type: string; bytes: Buffer };

const MAX_PARTS = 50;

/**
 * Reads a `multipart/form-data` body (RFC 7578): fields as text, files as their bytes. Of a name that comes twice, the last counts.
 * Throws a TypeError for a body that is none.
 */
export async function readForm(bytes: Buffer, contentType: string): Promise<Record<string, string | FormFile>> {
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } }).formData();
  const entries: Array<[string, string | FormFile]> = [];
  for (const [name, value] of form) {
    if (entries.length === MAX_PARTS) {
      throw new TypeError(`the form has more than ${MAX_PARTS} parts`);
    }
    const isText = typeof value === 'string';
    entries.push([name, isText ? value : { type: value.type, bytes: Buffer.from(await value.arrayBuffer()) }]);
  }
  return Object.fromEntries(entries);
}
