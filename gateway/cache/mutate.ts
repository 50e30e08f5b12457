import type { ExecutionResult } from 'graphql';
import type { RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';
import type { AskedOperation, Insight } from '../execute/insight.ts';
import type { Invalidated } from '../execute/invalidated.ts';
import { isSourceFailure } from './made.ts';
import type { ResponseCache } from './resources.ts';
import type { Dropped, Entity } from './tags.ts';

export type Mutate = (
  asked: AskedOperation,
  context: RequestContext,
  /** Runs the mutation, and tells which values it answered with; undefined where nobody looked. */
  run: () => Promise<{ result: ExecutionResult; entities: readonly Entity[] | undefined }>,
) => Promise<ExecutionResult>;

/**
 * Drops what a mutation makes old, before the client hears of its end: who asks next, here or at another replica, gets what it
 * changed. It does so when the mutation failed as well; and where a source failed, nobody knows how far it came.
 */
export function createMutate(insight: Pick<Insight, 'invalidated'>, cache: Pick<ResponseCache, 'drop'>): Mutate {
  return async (asked, context, run) => {
    context.cached = { outcome: 'bypass', reason: 'mutation' };
    const said = whatIsSaid(insight, asked);
    let entities: readonly Entity[] | undefined;
    try {
      const ran = await run();
      const { result } = ran;
      if (!result.errors?.some(isSourceFailure)) entities = ran.entities;
      return result;
    } finally {
      if (said) await cache.drop(withEntities(said, entities));
    }
  };
}

/** Undefined for a mutation that cannot run: whoever executes it says so. */
function whatIsSaid(insight: Pick<Insight, 'invalidated'>, asked: AskedOperation): Invalidated | undefined {
  try {
    return insight.invalidated(asked);
  } catch (error) {
    if (error instanceof GatewayError) return undefined;
    throw error;
  }
}

function withEntities({ called, ...said }: Invalidated, entities: readonly Entity[] | undefined): Dropped {
  if (!entities) return { ...said, sources: [...said.sources, ...called] };
  const known = entities.flatMap(({ typename, id }) => (id === undefined ? [] : [{ type: typename, id }]));
  return { ...said, entities: [...said.entities, ...known] };
}
