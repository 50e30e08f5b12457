/** Mesh, for who reads sources: who only unites them needs none of it. */
import { createRequire } from 'node:module';

export type Mesh = Pick<typeof import('@graphql-mesh/cli'), 'findAndParseConfig'>;

const require = createRequire(import.meta.url);

/**
 * Some 2,400 small files: as CommonJS they load in less than half the time. The build of the project has another module in place of
 * this one, which brings along what is used of them and no more (`scripts/bundle.ts`).
 */
export function loadMesh(): Promise<Mesh> {
  return Promise.resolve(require('@graphql-mesh/cli') as Mesh);
}
