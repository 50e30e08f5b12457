import type { CallRecord } from '../../context.ts';
import { GatewayError } from '../../errors.ts';
import type { Call, CallRule } from '../connector.ts';

export type TraceOptions = {
  /** Gets one record per finished call; `error` is what the call failed with. It must not throw. */
  record: (record: CallRecord, call: Call, error: unknown) => void;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** How many keys a bulk call carries; without it 0. */
  keysOf?: (call: Call) => number;
};

/** Tells what every call did: how long it took, how much came back, and how it ended. Outermost, so that it sees what callers see. */
export function createTraceRule({ record, now, keysOf }: TraceOptions): CallRule {
  return (next) => (call) => {
    const start = now();
    const finish = (bytes: number, outcome: string, error?: unknown): void => {
      const { source, operation, group } = call;
      const keys = keysOf?.(call) ?? 0;
      // The source's own words go to the log, not into the record of the request.
      const { warning: _words, failed, ...notes } = call.notes ?? {};
      const ms = now() - start;
      if (failed) {
        const { error: why, ...sent } = failed;
        record({ source, operation, keys, ms, group, bytes: 0, outcome: outcomeOf(why), ...sent }, call, why);
      }
      // What is spread comes last: an object that gets more after a spread has a form of its own, each time.
      record({ source, operation, keys, ms, group, bytes, outcome, ...notes }, call, error);
    };
    return next(call).then(
      (result) => {
        finish(result.bytes, 'ok');
        return result;
      },
      (error: unknown) => {
        finish(0, outcomeOf(error), error);
        throw error;
      },
    );
  };
}

function outcomeOf(error: unknown): string {
  return error instanceof GatewayError ? error.code : 'INTERNAL';
}

/** Notes that a stored answer is given in place of what the source failed with. */
export function noteFailed({ notes }: Pick<Call, 'notes'>, error: unknown): void {
  if (!notes) return;
  const { attempts } = notes;
  delete notes.attempts;
  notes.failed = { error, ...(attempts !== undefined && { attempts }) };
}
