/** Key `listen.tls` of `gateway.yaml`: TLS on the port that clients talk to, and certificates of clients. */
import { z } from 'zod';
import type { ConfigDocument } from './document.ts';
import type { Loaded } from './faults.ts';
import type { GatewayConfig } from './schema.ts';
import { readTlsFiles } from './tls-files.ts';

const file = z.string().min(1).max(4096);

export const listenTls = z
  .strictObject({
    certFile: file.describe('Certificate (PEM) that the gateway shows, with those between it and the root.'),
    keyFile: file.describe('Private key (PEM) of certFile.'),
    caFile: file
      .optional()
      .describe('Certificates (PEM) of who may sign those of clients; without it no client is asked for one.'),
  })
  .describe('Serves https and wss. Files are looked for from the project folder, and read at the start.');

/** The configuration with what the files of `listen.tls` hold. */
export async function withListenTls(
  config: GatewayConfig,
  dir: string,
  document: Pick<ConfigDocument, 'file' | 'placeOf'>,
): Promise<Loaded<GatewayConfig>> {
  const { tls } = config.listen;
  if (!tls) return { ok: true, value: config };
  const read = await readTlsFiles(tls, dir);
  if ('material' in read) return { ok: true, value: { ...config, tlsMaterial: read.material } };
  const faults = read.faults.map(({ key, message }) => {
    const path = ['listen', 'tls', key];
    return { file: document.file, ...document.placeOf(path), path: path.join('.'), message };
  });
  return { ok: false, faults };
}
