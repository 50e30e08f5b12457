/** What the tests of the rules share: a transport that answers when it is told to, and outcomes of calls. */
import type { Call, Caller, CallResult } from '../../../../gateway/connect/connector.ts';
import { GatewayError } from '../../../../gateway/errors.ts';

export type Held = { call: Call; resolve(value: CallResult): void; reject(error: unknown): void };

/** A transport that answers when the test says so; like a real one it rejects when its call is cancelled. */
export function holdTransport(): { held: Held[]; caller: Caller } {
  const held: Held[] = [];
  return {
    held,
    caller: (call) =>
      new Promise((resolve, reject) => {
        held.push({ call, resolve, reject });
        call.signal.addEventListener('abort', () => reject(call.signal.reason), { once: true });
      }),
  };
}

export function resultOf(data: unknown, rest: Partial<CallResult> = {}): CallResult {
  return { data, status: 200, bytes: 10, ...rest };
}

/** A failure as connectors report it. */
export function faultOf(code: ConstructorParameters<typeof GatewayError>[0], upstreamStatus?: unknown): GatewayError {
  return new GatewayError(code, {
    source: 'shop',
    ...(upstreamStatus !== undefined && { extensions: { upstreamStatus } }),
  });
}

/** Remembers how each promise ended: its data, or its code. */
export function watch(): { outcomes: Map<number, unknown>; add(promise: Promise<CallResult>): number } {
  const outcomes = new Map<number, unknown>();
  let count = 0;
  return {
    outcomes,
    add(promise) {
      const id = count;
      count += 1;
      promise.then(
        ({ data }) => outcomes.set(id, data),
        (error: unknown) => outcomes.set(id, error instanceof GatewayError ? error.code : error),
      );
      return id;
    },
  };
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
