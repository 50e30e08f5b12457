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
  return (next) => async (call) => {
    const start = now();
    const finish = (bytes: number, outcome: string, error?: unknown): void => {
      const { source, operation, group } = call;
      const keys = keysOf?.(call) ?? 0;
      const told: CallRecord = { source, operation, keys, ms: now() - start, bytes, outcome, group, ...call.notes };
      // The source's own words go to the log, not into the record of the request.
      if ('warning' in told) delete told.warning;
      record(told, call, error);
    };
    try {
      const result = await next(call);
      finish(result.bytes, 'ok');
      return result;
    } catch (error) {
      finish(0, error instanceof GatewayError ? error.code : 'INTERNAL', error);
      throw error;
    }
  };
}
