import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Lays the contracts of the posts workload beside the files of `posts/`, as a project that `tributary` can serve.
 *
 * @param home the checkout that both are taken from
 * @param project where the project is made, anew
 */
export async function assemblePosts(home: string, project: string): Promise<void> {
  await rm(project, { recursive: true, force: true });
  await mkdir(project, { recursive: true });
  await cp(join(home, 'bench', 'peers', 'tributary', 'posts'), project, { recursive: true });
  for (const source of ['posts', 'users']) {
    const contract = join(home, 'bench', 'workloads', 'posts', `${source}.openapi.yaml`);
    await cp(contract, join(project, 'sources', source, 'openapi.yaml'));
  }
}
