/** What a client is told whose operation a rule refuses. */
import { GatewayError } from '../errors.ts';
import type { Charge } from './charges.ts';
import { standingOf } from './gcra.ts';
import type { Taken } from './store.ts';

/** Time after which it may be tried again where nobody knows better, in ms. */
const GUESS_MS = 1000;

/** How long to wait before a rule would let it through, in ms; Infinity where it never will. */
export function waitFor({ wanted }: Charge, taken: Taken): number {
  if (wanted.kind === 'lease') return GUESS_MS;
  return standingOf(taken, wanted).retryAfterMs ?? Number.POSITIVE_INFINITY;
}

/** The refusal by a rule or a field: RATE_LIMITED with `Retry-After`, or LIMIT_COST where waiting would not help. */
export function refusalOf({ rule, wanted }: Charge, taken: Taken): GatewayError {
  if (wanted.kind === 'lease') {
    const message = `The limit "${rule.name}" of ${wanted.max} operations at once is reached: wait until one has ended.`;
    return limited(rule.name, GUESS_MS, message);
  }
  const { retryAfterMs } = standingOf(taken, wanted);
  if (retryAfterMs === undefined) {
    const holds = Math.floor(wanted.depthMs / wanted.emissionMs);
    const message =
      'isField' in rule
        ? `${rule.name} is selected ${wanted.points} times, which may be done ${holds} times at most: select it less often.`
        : `This takes ${wanted.points} of the limit "${rule.name}", which never holds more than ${holds}: select fewer fields or shorter lists.`;
    return new GatewayError('LIMIT_COST', {
      message,
      extensions: { rule: rule.name, price: wanted.points, limit: holds },
    });
  }
  const what = 'isField' in rule ? `${rule.name} was selected too often` : `The limit "${rule.name}" is reached`;
  return limited(rule.name, retryAfterMs, `${what}: try again in ${seconds(retryAfterMs)} s.`);
}

/** The refusal by a rule that lets nobody through while its store does not answer. */
export function unchecked(rule: string): GatewayError {
  return limited(rule, GUESS_MS, `The limit "${rule}" cannot be checked at the moment: try again.`);
}

function limited(rule: string, retryAfterMs: number, message: string): GatewayError {
  return new GatewayError('RATE_LIMITED', {
    message,
    extensions: { rule, retryAfterMs: Math.ceil(retryAfterMs) },
    headers: { 'retry-after': String(seconds(retryAfterMs)) },
  });
}

/** Whole seconds, as RFC 9110 §10.2.3 wants them; never too early. */
function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
