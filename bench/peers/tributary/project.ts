import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../lib/launch.ts';
import type { WorkloadName } from '../../types.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** Where the project of a workload is assembled: made anew for each run, never committed. */
export function projectFolder(workload: WorkloadName): string {
  return join(folder, '.run', workload);
}

/** Lays together the files that `tributary` serves a workload from; ports come from the environment. */
export async function assembleProject(workload: WorkloadName): Promise<void> {
  const to = projectFolder(workload);
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  if (workload === 'posts') await assemblePosts(to);
  else await assembleShop(to);
}

async function assemblePosts(to: string): Promise<void> {
  await cp(join(folder, 'posts'), to, { recursive: true });
  for (const source of ['posts', 'users']) {
    const contract = join(root, 'bench', 'workloads', 'posts', `${source}.openapi.yaml`);
    await cp(contract, join(to, 'sources', source, 'openapi.yaml'));
  }
}

/** The project's own sources, with the ports of the example services exchanged for those of the benchmark's. */
async function assembleShop(to: string): Promise<void> {
  for (const name of ['sources', 'schemas']) await cp(join(root, name), join(to, name), { recursive: true });
  const text = await readFile(join(root, '.meshrc.yaml'), 'utf8');
  const ports = { 4101: 'ORDERS', 4102: 'CATALOG', 4103: 'INVENTORY' };
  const exchanged = Object.entries(ports).reduce(
    (result, [port, name]) => result.replaceAll(`:${port}`, `:\${BENCH_${name}_PORT:${port}}`),
    text,
  );
  await writeFile(join(to, '.meshrc.yaml'), exchanged);
}
