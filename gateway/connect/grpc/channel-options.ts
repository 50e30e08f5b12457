/** How channels behave. */
import type { ChannelOptions } from '@grpc/grpc-js';

export type Channel = {
  /** Largest message that is received. */
  maxBodyBytes: number;
  /** When a connection that has calls and says nothing is asked whether it is alive (330 s), and how long it gets to say so (10 s), in ms. */
  keepalive?: { afterMs: number; timeoutMs?: number };
};

/** Servers that were not told otherwise end connections that ask more often than every five minutes (gRPC proposal A8). */
const KEEPALIVE_MS = 330_000;
/** Longest time between two attempts to connect, in ms. */
const MAX_BACKOFF_MS = 1000;
/** How long who is asked may take to say so, in ms. */
const KEEPALIVE_TIMEOUT_MS = 10_000;

/** The options of a channel to one source, in grpc-js's own words. */
export function channelOptions({ maxBodyBytes, keepalive }: Channel): ChannelOptions {
  const { afterMs = KEEPALIVE_MS, timeoutMs = KEEPALIVE_TIMEOUT_MS } = keepalive ?? {};
  return {
    'grpc.primary_user_agent': 'tributary',
    'grpc.max_receive_message_length': maxBodyBytes,
    // Calls go round all addresses of a name instead of sticking to the first.
    'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
    // What the DNS has to say of that is not asked for.
    'grpc.service_config_disable_resolution': 1,
    // Until a server that was gone is looked for again, in which calls fail at once: by default up to two minutes.
    'grpc.initial_reconnect_backoff_ms': 250,
    'grpc.max_reconnect_backoff_ms': MAX_BACKOFF_MS,
    // A rule of ours decides what is sent twice.
    'grpc.enable_retries': 0,
    // A connection that died silently is noticed while calls wait on it; idle ones are left alone, as servers ask.
    'grpc.keepalive_time_ms': afterMs,
    'grpc.keepalive_timeout_ms': timeoutMs,
    'grpc.keepalive_permit_without_calls': 0,
    // The environment's proxy is for the outside.
    'grpc.enable_http_proxy': 0,
  };
}
