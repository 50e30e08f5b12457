import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

type Policy = Readonly<Record<string, unknown>>;

/**
 * Lays the contracts of the posts workload beside the files of `posts/`, as a project that `tributary` can serve.
 *
 * @param home the checkout that both are taken from
 * @param project where the project is made, anew
 * @param policy laid over policy.yaml of both sources
 */
export async function assemblePosts(home: string, project: string, policy: Policy = {}): Promise<void> {
  await rm(project, { recursive: true, force: true });
  await mkdir(project, { recursive: true });
  await cp(join(home, 'bench', 'peers', 'tributary', 'posts'), project, { recursive: true });
  for (const source of ['posts', 'users']) {
    const contract = join(home, 'bench', 'workloads', 'posts', `${source}.openapi.yaml`);
    await cp(contract, join(project, 'sources', source, 'openapi.yaml'));
  }
  await layOver(project, policy);
}

/** The project itself as a copy, with policies of its own. They shape no text, so `schemas/` stays current. */
export async function copyShop(home: string, project: string, policy: Policy): Promise<void> {
  await rm(project, { recursive: true, force: true });
  for (const part of ['.meshrc.yaml', 'sources', 'schemas'])
    await cp(join(home, part), join(project, part), { recursive: true });
  await layOver(project, policy);
}

async function layOver(project: string, policy: Policy): Promise<void> {
  if (Object.keys(policy).length === 0) return;
  for (const source of await readdir(join(project, 'sources'))) {
    const file = join(project, 'sources', source, 'policy.yaml');
    await layOverFile(file, policy, file);
  }
}

/** Writes a file of YAML, which need not be there, to another place with some of its keys replaced. */
export async function layOverFile(from: string, keys: Policy, to: string): Promise<void> {
  const own = (parse(await readFile(from, 'utf8').catch(() => '')) ?? {}) as Policy;
  await writeFile(to, stringify({ ...own, ...keys }));
}
