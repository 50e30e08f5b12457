import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../lib/launch.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** Where the posts project is assembled: made anew for each run, never committed. */
export const postsProject = join(folder, '.run', 'posts');

/** Lays the contracts of the posts workload beside the files of `posts/`, as a project that `tributary` can serve. */
export async function assemblePosts(): Promise<void> {
  await rm(postsProject, { recursive: true, force: true });
  await mkdir(postsProject, { recursive: true });
  await cp(join(folder, 'posts'), postsProject, { recursive: true });
  for (const source of ['posts', 'users']) {
    const contract = join(root, 'bench', 'workloads', 'posts', `${source}.openapi.yaml`);
    await cp(contract, join(postsProject, 'sources', source, 'openapi.yaml'));
  }
}
