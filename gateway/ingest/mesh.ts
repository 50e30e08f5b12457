import { findAndParseConfig } from '@graphql-mesh/cli';
import { GatewayError } from '../errors.ts';
import type { HandlerParams } from './handlers.ts';

/** A handler of `.meshrc.yaml`, constructed by Mesh's config reader but not asked for anything yet. */
export type MeshSource = { name: string; kind: string; params: HandlerParams };

/** Mesh asks for handlers by package name; each of these answers with a constructor that only keeps what Mesh gave it. */
const KINDS = ['openapi', 'grpc', 'graphql'] as const;

/**
 * Reads `.meshrc.yaml` with Mesh's own reader and gives its sources back as Mesh sees them.
 * Transforms are refused: their equivalents stand in `policy.yaml`, where names stay traceable to the wire.
 * @throws GatewayError BAD_REQUEST that names what is not accepted
 */
export async function readMeshConfig(dir: string, log: (message: string) => void): Promise<MeshSource[]> {
  const constructed: MeshSource[] = [];
  const importFn = async (module: string): Promise<unknown> => {
    const kind = KINDS.find((name) => module === `@graphql-mesh/${name}`);
    if (kind !== undefined) return { default: keeper(kind, constructed) };
    if (KINDS.some((name) => module.endsWith(name) || module.endsWith(`${name}-handler`))) throw notFound(module);
    return import(module);
  };
  await findAndParseConfig({
    dir,
    importFn,
    logger: meshLogger(log) as never,
    throwOnInvalidConfig: true,
    ignoreAdditionalResolvers: true,
  } as never);
  return constructed;
}

function keeper(kind: string, constructed: MeshSource[]): new (params: HandlerParams) => object {
  return class {
    constructor(params: HandlerParams) {
      constructed.push({ name: params.name, kind, params });
    }
  };
}

function notFound(module: string): Error {
  return Object.assign(new GatewayError('BAD_REQUEST', { message: `There is no handler ${module}.` }), {
    code: 'MODULE_NOT_FOUND',
  });
}

/** Mesh's logger interface over one function; what Mesh calls information is debugging for us. */
function meshLogger(log: (message: string) => void): Record<string, unknown> {
  const write = (...args: unknown[]): void =>
    log(args.map((arg) => (typeof arg === 'function' ? String(arg()) : String(arg))).join(' '));
  const quiet = (): void => undefined;
  const logger: Record<string, unknown> = {
    name: 'mesh',
    log: quiet,
    debug: quiet,
    info: quiet,
    warn: write,
    error: write,
  };
  logger['child'] = () => logger;
  logger['addPrefix'] = () => logger;
  return logger;
}
