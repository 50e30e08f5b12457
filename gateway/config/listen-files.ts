import type { ConfigDocument } from './document.ts';
import type { Loaded } from './faults.ts';
import type { GatewayConfig } from './schema.ts';
import { readTlsFiles } from './tls-files.ts';

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
