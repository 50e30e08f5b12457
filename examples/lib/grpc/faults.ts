import { status } from '@grpc/grpc-js';

/** What can go wrong with the answer of a gRPC service. */
export type GrpcFault = { kind: 'code'; code: status } | { kind: 'hang' };

export const GRPC_FAULTS = 'code: with the name of a gRPC status such as code:UNAVAILABLE, hang';

/** Reads the text of a fault; undefined when it means nothing. */
export function parseGrpcFault(text: string): GrpcFault | undefined {
  if (text === 'hang') {
    return { kind: 'hang' };
  }
  const name = text.startsWith('code:') ? text.slice('code:'.length) : '';
  const code = Object.entries(status).find(([key]) => key === name)?.[1];
  return typeof code === 'number' && code !== status.OK ? { kind: 'code', code } : undefined;
}
