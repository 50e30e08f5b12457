/** The one kit: an app in process over real upstreams, from a world's contracts through the real build. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GatewayConfig } from '../../gateway/config/schema.ts';
import { createEvents } from '../../gateway/observe/events.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { createMetrics } from '../../gateway/observe/metrics.ts';
import type { Supply } from '../../gateway/registry/supply.ts';
import { openSupply } from '../../gateway/registry/supply.ts';
import type { KitApp } from './app.ts';
import { readSettings, startApp } from './app.ts';
import type { Exchange } from './exchange.ts';
import { startGrpc } from './grpc-upstream.ts';
import type { Overrides, SourceKind } from './project.ts';
import { endpointVariable, prepareProject } from './project.ts';
import type { Upstream } from './upstream.ts';
import { startGraphql, startRest } from './upstream.ts';

export type KitOptions = {
  /** Folder with one folder per source. */
  readonly world: string;
  readonly only?: readonly string[] | undefined;
  readonly overrides?: Overrides | undefined;
  /** What a gateway.yaml would hold. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  /** What each upstream is expected to be asked, by name of the source. */
  readonly exchanges?: Readonly<Record<string, readonly Exchange[]>> | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
};

export type Kit = {
  readonly app: KitApp;
  readonly supply: Supply;
  readonly config: GatewayConfig;
  readonly upstreams: ReadonlyMap<string, Upstream>;
  /** Requests all upstreams received. */
  calls(): number;
  /** What upstreams were asked against expectation, and what they never were. */
  faults(): string[];
  [Symbol.asyncDispose](): Promise<void>;
};

/** Builds the world (once for equal ones), starts an upstream per source and an app over them. */
export async function startKit(options: KitOptions): Promise<Kit> {
  const { world, only, overrides, exchanges = {}, settings = {}, now = Date.now } = options;
  const project = await prepareProject(world, overrides, only);
  const strangers = Object.keys(exchanges).filter((name) => !project.sources.has(name));
  if (strangers.length > 0) throw new Error(`no source is named ${strangers.join(', ')}`);
  await using stack = new Stack();
  const upstreams = new Map<string, Upstream>();
  const env: Record<string, string> = {};
  for (const [name, kind] of project.sources) {
    const upstream = stack.use(
      await startUpstream(kind, name, join(project.dir, 'sources', name), exchanges[name] ?? []),
    );
    upstreams.set(name, upstream);
    env[endpointVariable(name)] = upstream.endpoint;
  }
  const config = readSettings(settings);
  // The supply reports calls; what the app reports is kept by the app of the kit.
  const log = createLog({ level: 'silent', pretty: 'off' });
  const events = createEvents({ log, metrics: createMetrics() });
  const supply = stack.use(await openSupply({ dir: project.dir, env, config, events, now, watch: false }));
  if (supply.current() === undefined || supply.faults().length > 0) throw new Error(supply.faults().join('; '));
  const app = stack.use(startApp(supply, settings, now));
  const held = stack.release();
  return {
    app,
    supply,
    config,
    upstreams,
    calls: () => [...upstreams.values()].reduce((sum, { ledger }) => sum + ledger.calls(), 0),
    faults: () => [...upstreams.values()].flatMap(({ ledger }) => ledger.faults()),
    [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
  };
}

async function startUpstream(
  kind: SourceKind,
  name: string,
  folder: string,
  exchanges: readonly Exchange[],
): Promise<Upstream> {
  if (kind === 'openapi') return startRest(name, exchanges);
  if (kind === 'graphql') return startGraphql(name, exchanges);
  const file = (await readdir(folder)).find((each) => each.endsWith('.proto')) ?? '';
  return startGrpc(name, await readFile(join(folder, file), 'utf8'), exchanges);
}

/** Disposes what was put in, last in first; Node 20 has no AsyncDisposableStack. */
class Stack {
  readonly #held: AsyncDisposable[] = [];

  use<T extends AsyncDisposable>(resource: T): T {
    this.#held.push(resource);
    return resource;
  }

  /** Hands everything over to the stack that is returned. */
  release(): Stack {
    const other = new Stack();
    for (const resource of this.#held.splice(0)) other.use(resource);
    return other;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const resource of this.#held.splice(0).reverse()) await resource[Symbol.asyncDispose]();
  }
}
