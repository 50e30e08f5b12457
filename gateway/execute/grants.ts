import type { Grants, RequestContext } from '../context.ts';

/** What was found allowed. Where nobody has asked, nothing is. */
export function grantsOf({ grants }: Pick<RequestContext, 'grants'>): Grants {
  if (!grants) throw new Error('an operation was executed that no stage has authorized');
  return grants;
}
