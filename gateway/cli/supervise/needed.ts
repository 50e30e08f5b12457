import type { Environment } from '../../config/env.ts';
import { loadMeshrc, loadPolicy } from '../../config/load.ts';
import type { GatewayConfig } from '../../config/schema.ts';

export type NeedOptions = {
  readonly dir: string;
  readonly env: Environment;
  readonly config: Pick<GatewayConfig, 'build' | 'registration' | 'registry' | 'watch'>;
  /** Whether it was asked for on the command line, too. */
  readonly watch: boolean;
};

/**
 * Whether sources can change while the gateway serves, so that a fresh process may have to take over one day. Where only who operates it
 * can make it look (SIGHUP), it stays the one process that it is.
 */
export async function needsSupervisor({ dir, env, config, watch }: NeedOptions): Promise<boolean> {
  if (config.build.freshProcessBytes === 0) return false;
  if (watch || config.registration.tokens.length > 0 || config.registry.kind === 'redis') return true;
  const meshrc = await loadMeshrc({ dir, env });
  if (!meshrc.ok) return false;
  const policies = await Promise.all(meshrc.value.sources.map(({ name }) => loadPolicy({ dir, env, source: name })));
  return policies.some((policy) => policy.ok && policy.value.contract !== undefined);
}
