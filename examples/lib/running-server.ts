import type { CallCounter } from './call-counter.ts';
import type { Faults } from './faults.ts';

/** A service of the shop that listens. */
export type RunningServer = {
  /** `http://host:port` of a REST service, `host:port` of a gRPC service. */
  url: string;
  port: number;
  calls: CallCounter;
  faults: Faults;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Host and port as they stand in a URL; an IPv6 address gets its brackets. */
export function authorityOf(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
