import { GatewayError } from '../errors.ts';
import type { LayoutAnswer, LayoutJob } from './job.ts';
import { planOpenapi } from './plan-openapi.ts';
import { planProto } from './plan-proto.ts';

/** Finds out which files a contract consists of. It is run off the process that serves, by `task.ts`. */
export async function layOutContract({ contract, kind, includeDirs, limits }: LayoutJob): Promise<LayoutAnswer> {
  const plan = kind === 'openapi' ? planOpenapi : planProto;
  try {
    return { plan: await plan(contract, includeDirs, limits) };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { fault: error.message };
  }
}
