import type { Environment } from '../config/env.ts';
import { GatewayError } from '../errors.ts';
import type { Builder } from './builder.ts';
import type { Impact } from './impact.ts';
import type { BlobFile } from './job.ts';

/**
 * What differs for clients between two bundles of one source, off the thread that serves.
 * @throws GatewayError BAD_REQUEST when they cannot be compared
 */
export async function compareBundles(
  before: BlobFile,
  after: BlobFile,
  { builder, env }: { builder: Pick<Builder, 'build'>; env: Environment },
): Promise<Impact> {
  const { impact, fault } = await builder.build({ dir: '', sources: [], lock: {}, compare: { before, after } }, env);
  if (impact) return impact;
  throw new GatewayError('BAD_REQUEST', { message: fault ?? 'The two cannot be compared.' });
}
