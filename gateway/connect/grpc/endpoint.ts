import { GatewayError } from '../../errors.ts';
import { shownAddress } from '../shown-address.ts';

/** An address in the form grpc-js takes it, and whether it is spoken to over TLS. */
export type GrpcEndpoint = { target: string; secure: boolean };

/**
 * Reads an address: `host:port`, `grpc://`, `http://` in plain text, `grpcs://`, `https://` with TLS, `dns:///host:port` and other
 * targets of grpc-js as they are.
 * @throws GatewayError SOURCE_UNAVAILABLE when there is none or it cannot be understood
 */
export function parseEndpoint(endpoint: string | undefined, source: string): GrpcEndpoint {
  const match = /^(?:(grpc|http|grpcs|https):\/\/)?([^\s/]+)\/*$/i.exec(endpoint ?? '');
  const scheme = match?.[1]?.toLowerCase();
  const authority = match?.[2] ?? '';
  if (scheme !== undefined) {
    const secure = scheme === 'grpcs' || scheme === 'https';
    return { target: /:\d+$/.test(authority) ? authority : `${authority}:${secure ? 443 : 80}`, secure };
  }
  if (endpoint !== undefined && (/^[^\s/]+:\d+$/.test(endpoint) || /^(dns|ipv4|ipv6|unix):/.test(endpoint))) {
    return { target: endpoint, secure: false };
  }
  const message = 'The source has no gRPC address: set endpoints.static in its policy.yaml, written host:port.';
  throw new GatewayError('SOURCE_UNAVAILABLE', { source, message, cause: shownAddress(endpoint) });
}

/**
 * The addresses inside a target, `stock:50051`: of every server, and of the one that is asked for names. What stands before the first
 * colon is a scheme only where grpc-js knows it; else it is the host (gRPC Name Resolution).
 */
export function addressesOf(target: string): string[] {
  const match = /^(?:dns|ipv4|ipv6|unix):(?:\/\/([^/]*)\/)?(.+)$/i.exec(target);
  if (!match) return [target];
  const [, resolver, servers = ''] = match;
  return [...servers.split(','), ...(resolver ? [resolver] : [])];
}
