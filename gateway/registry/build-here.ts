/** A builder for who is in a build process already: it does everything right here. */
import type { ContractLimits } from '../config/build.ts';
import { GatewayError } from '../errors.ts';
import { buildSources } from './build-sources.ts';
import type { ContractBuilder } from './builder.ts';
import type { Outcome, Progress } from './job.ts';
import { layOutContract } from './lay-out.ts';
import { withOutcomes } from './outcomes.ts';

export type BuildHereOptions = {
  readonly limits: ContractLimits;
  /** The source whose contract is brought. */
  readonly name: string;
  /** What came of contracts when the same was tried before. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly tell: (news: Progress) => void;
};

/** Environment variables are those of the process. */
export function buildHere({
  limits,
  name,
  outcomes,
  tell,
}: BuildHereOptions): Pick<ContractBuilder, 'limits' | 'build' | 'layOut'> {
  return {
    limits,
    build: (job) => buildSources({ ...withOutcomes(job, outcomes), limits }, tell),
    async layOut(job) {
      tell({ step: { kind: 'read', source: name } });
      const answer = await layOutContract({ ...job, limits });
      if ('plan' in answer) return answer.plan;
      throw new GatewayError('BAD_REQUEST', { message: answer.fault });
    },
  };
}
