/** Which error codes the gateway has a row for and never gives: read from its own files, so that no page can be wrong about it. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The table itself names every code, and files about gRPC the statuses of gRPC, some by the same names. */
const NO_EVIDENCE = /^(errors\.ts|(connect|ingest)\/grpc\/.*)$/;

/** @param folder of the gateway's own files */
export async function findReservedCodes(folder: string, codes: readonly string[]): Promise<string[]> {
  const paths = (await readdir(folder, { recursive: true })).map((path) => path.replaceAll('\\', '/'));
  const evidence = paths.filter((path) => path.endsWith('.ts') && !NO_EVIDENCE.test(path));
  const texts = await Promise.all(evidence.map((path) => readFile(join(folder, path), 'utf8')));
  const table = await readFile(join(folder, 'errors.ts'), 'utf8');
  return codes.filter(
    (code) => !table.includes(`GatewayError('${code}'`) && !texts.some((text) => text.includes(`'${code}'`)),
  );
}
