import type { HealthPolicy } from '../../config/rules.ts';
import type { TlsMaterial } from '../../config/tls-files.ts';
import type { Connector } from '../connector.ts';
import { numberOf } from '../grpc/fields.ts';
import { createGrpcTransport } from '../grpc/transport.ts';
import type { Guard } from '../guard.ts';
import { createHttpTransport } from '../rest/transport.ts';

export type HealthOptions = {
  source: string;
  kind: Connector['kind'];
  endpoints: readonly string[];
  /** One for each endpoint whose host has to be judged. */
  guards?: readonly (Guard | undefined)[];
  policy: HealthPolicy;
  /** How the endpoints are spoken to over TLS, where the policy of the source says so. */
  tls?: TlsMaterial | undefined;
  /** Gets what was found out, each time. */
  report: (endpoint: number, healthy: boolean) => void;
  /** A number from 0 up to, not including, 1. */
  random: () => number;
};

/** Asks one endpoint; rejects or answers false when it is not well. */
type Probe = { ask(signal: AbortSignal): Promise<boolean>; [Symbol.asyncDispose](): Promise<void> };

const MAX_ANSWER_BYTES = 65_536;
const UNIMPLEMENTED = 12;
/** Of grpc.health.v1.HealthCheckResponse: the number of `status`, and SERVING. */
const STATUS = 1;
const SERVING = 1;

/**
 * Asks every endpoint again and again whether it is well, on connections of its own, until it is disposed of. One good answer
 * makes it well, several failures in a row make it unwell.
 *
 * @throws GatewayError SOURCE_UNAVAILABLE when an endpoint is no address
 */
export function startHealthChecks(options: HealthOptions): AsyncDisposable {
  const { kind, endpoints, guards, policy, report, random } = options;
  const closed = new AbortController();
  const timers = new Set<NodeJS.Timeout>();
  const probes = endpoints.map((endpoint, index) =>
    (kind === 'grpc' ? grpcProbe : httpProbe)(options, endpoint, guards?.[index]),
  );

  function plan(probe: Probe, endpoint: number, failures: number): void {
    if (closed.signal.aborted) return;
    // Not all of them at the same time.
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        void check(probe, endpoint, failures);
      },
      policy.intervalMs * (0.9 + 0.2 * random()),
    );
    timers.add(timer);
    timer.unref();
  }

  async function check(probe: Probe, endpoint: number, before: number): Promise<void> {
    const signal = AbortSignal.any([closed.signal, AbortSignal.timeout(policy.timeoutMs)]);
    const isWell = await probe.ask(signal).catch(() => false);
    const failures = isWell ? 0 : before + 1;
    if (closed.signal.aborted) return;
    if (isWell || failures >= policy.failures) report(endpoint, isWell);
    plan(probe, endpoint, failures);
  }

  for (const [endpoint, probe] of probes.entries()) plan(probe, endpoint, 0);
  return {
    [Symbol.asyncDispose]: async () => {
      closed.abort();
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(probes.map((probe) => probe[Symbol.asyncDispose]()));
    },
  };
}

function httpProbe({ source, tls, policy: { path } }: HealthOptions, endpoint: string, guard?: Guard): Probe {
  const bounds = { maxBodyBytes: MAX_ANSWER_BYTES, maxConnections: 1 };
  const transport = createHttpTransport({ source, endpoints: [endpoint], tls, guard, ...bounds });
  const headers = new Map([['user-agent', 'tributary']]);
  return {
    ask: async (signal) => {
      const { status } = await transport.send({ method: 'GET', path, headers, body: undefined }, signal);
      return status >= 200 && status <= 299;
    },
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}

/** The health service of gRPC (grpc.io, "GRPC Health Checking Protocol"); a server without it is well as long as it answers. */
function grpcProbe({ source, tls, policy: { timeoutMs } }: HealthOptions, endpoint: string, guard?: Guard): Probe {
  const transport = createGrpcTransport({ source, endpoints: [endpoint], tls, guard, maxBodyBytes: MAX_ANSWER_BYTES });
  const request = { path: '/grpc.health.v1.Health/Check', headers: new Map(), remainingMs: timeoutMs };
  return {
    ask: async (signal) => {
      const reply = await transport.send({ ...request, message: Buffer.alloc(0) }, signal);
      return 'code' in reply ? reply.code === UNIMPLEMENTED : numberOf(reply.message, STATUS) === SERVING;
    },
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}
