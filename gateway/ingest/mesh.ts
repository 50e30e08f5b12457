import { isAbsolute } from 'node:path';
import type { HandlerParams } from './handlers.ts';
import { loadMesh } from './load-mesh.ts';

/** A handler of `.meshrc.yaml`, constructed by Mesh's config reader but not asked for anything yet. */
export type MeshSource = { name: string; kind: string; params: HandlerParams };

/** Mesh asks for handlers by package name; each of these answers with a constructor that only keeps what Mesh gave it. */
const KINDS = ['openapi', 'grpc', 'graphql'] as const;

/**
 * Reads `.meshrc.yaml` with Mesh's own reader and gives its sources back as Mesh sees them.
 * Transforms are passed over: the reading of the tree marks their sources, since their equivalents stand in `policy.yaml`.
 */
export async function readMeshConfig(dir: string, log: (message: string) => void): Promise<MeshSource[]> {
  const { findAndParseConfig } = await loadMesh();
  const constructed: MeshSource[] = [];
  const importFn = async (module: string): Promise<unknown> => {
    const kind = KINDS.find((name) => module === `@graphql-mesh/${name}`);
    if (kind !== undefined) return { default: keeper(kind, constructed) };
    // A handler of the project's own, or a transform: kept or passed over here, so that one source's choice never fails the others.
    if (module.startsWith('.') || isAbsolute(module)) return { default: keeper('custom', constructed) };
    if (/-transform$|transform-/.test(module)) return { default: class {} };
    // Mesh constructs these for its own gateway. Nothing here asks them.
    if (/^@graphql-mesh\/(cache|merger)-/.test(module)) return { default: class {} };
    return import(module);
  };
  await findAndParseConfig({
    dir,
    importFn,
    logger: meshLogger(log) as never,
    // The gateway has checked the file itself, and knows forms of `source` that Mesh does not.
    throwOnInvalidConfig: false,
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
