import { join } from 'node:path';

/** The folder of one of the worlds that the cases named after peers' issues run in. */
export function peersWorld(name: 'rest' | 'grpc' | 'mixed'): string {
  return join(import.meta.dirname, '..', '..', 'cases', 'worlds', `peers-${name}`);
}
