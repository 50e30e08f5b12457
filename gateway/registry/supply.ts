import type { Generation } from '../compose/generation.ts';
import type { Environment } from '../config/env.ts';
import type { Policy } from '../config/policy.ts';
import type { GatewayConfig } from '../config/schema.ts';
import type { CallResources } from '../connect/open.ts';
import { GatewayError } from '../errors.ts';
import { stableStringify } from '../lib/json.ts';
import type { Events } from '../observe/events.ts';
import type { Builder } from './builder.ts';
import { nextGeneration } from './next-generation.ts';
import type { RegistryStore } from './store/store.ts';
import { openView } from './view.ts';
import { watchTree } from './watch.ts';
import type { Watched } from './watched.ts';

export type RefreshResult = { ok: true; generation: string } | { ok: false; message: string };

/** Where generations come from: the working tree, read again on demand. */
export type Supply = {
  current(): Generation | undefined;
  /** The listener is told before the first request of the new generation; it takes over the old one's disposal. */
  onSwap(listener: (next: Generation, previous: Generation | undefined) => void): () => void;
  refresh(reason: string): Promise<RefreshResult>;
  /** What the last refresh had to say, for health; empty when all is well. */
  faults(): readonly string[];
  /** The registry's revision that serves; undefined until the registry was read, 0 for an empty one. */
  revision(): number | undefined;
  /** Sources whose contracts are published somewhere and looked after. */
  watched(): ReadonlyMap<string, Watched>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type SupplyOptions = {
  dir: string;
  env: Environment;
  config: GatewayConfig;
  events: Events;
  now: () => number;
  watch: boolean;
  /** What the rules about calls share, beyond one generation. */
  resources?: CallResources;
  /** What teams registered, over the working tree; without it the tree alone is served. */
  store?: RegistryStore | undefined;
  /** What reads contracts; one of its own unless given. */
  builder?: Builder | undefined;
};

/** How often a registry that could not be read at the start is tried again, in ms. */
const RETRY_MS = 2000;
const NO_STORE = null;

/**
 * Opens the working tree as a supply and builds the first generation. When texts under `schemas/` are current neither contracts
 * nor Mesh are touched; what is not current is built in a worker. A source that fails keeps its older text and is degraded; a tree
 * that cannot be read leaves the last generation serving.
 */
export async function openSupply(options: SupplyOptions): Promise<Supply> {
  const listeners = new Set<(next: Generation, previous: Generation | undefined) => void>();
  let current: Generation | undefined;
  let faults: readonly string[] = [];
  let revision: number | undefined;
  let watched: ReadonlyMap<string, Watched> = new Map();
  let retry: NodeJS.Timeout | undefined;
  const policies = new Map<string, Policy>();
  let running: Promise<RefreshResult> = Promise.resolve({ ok: false, message: 'not started' });

  async function refreshNow(
    reason: string,
    store: RegistryStore | null | undefined = options.store,
  ): Promise<RefreshResult> {
    const startedAt = options.now();
    try {
      await using view = await openView(options.dir, store);
      const next = await nextGeneration(options, view, policies, current === undefined);
      faults = next.faults;
      watched = next.watched;
      if (store === options.store) revision = view.revision;
      if (store) options.events.registryFollowed({ revision: view.revision });
      if (current?.id === next.generation.id && sameStates(current, next.generation)) {
        await next.generation[Symbol.asyncDispose]();
        return { ok: true, generation: current.id };
      }
      const previous = current;
      // Whoever serves takes the new one first: should that fail, the old one goes on.
      try {
        for (const listener of listeners) listener(next.generation, previous);
      } catch (error) {
        await next.generation[Symbol.asyncDispose]();
        throw error;
      }
      current = next.generation;
      if (listeners.size === 0) await previous?.[Symbol.asyncDispose]();
      options.events.generationSwapped({
        generation: current.id,
        sources: current.sources.map(({ name }) => name),
        buildMs: options.now() - startedAt,
      });
      reportStates(options.events, previous, current);
      return { ok: true, generation: current.id };
    } catch (error) {
      const message = error instanceof GatewayError ? error.message : `unexpected: ${String(error)}`;
      faults = [message];
      options.events.generationRefused({ serving: current?.id, reasons: [`${reason}: ${message}`] });
      return { ok: false, message };
    }
  }

  function refresh(reason: string): Promise<RefreshResult> {
    // One at a time, in order: two refreshes never race for the swap.
    running = running.then(() => refreshNow(reason));
    return running;
  }

  /** Without the registry the tree is better than nothing; health says that it is not all, until the registry was read. */
  async function startWithoutRegistry(): Promise<void> {
    const [fault] = faults;
    running = running.then(() => refreshNow('start without the registry', NO_STORE));
    await running;
    faults = [...(fault === undefined ? [] : [fault]), ...faults];
    retry = setInterval(() => {
      if (revision !== undefined) clearInterval(retry);
      else void refresh('the registry was not read yet');
    }, RETRY_MS);
    retry.unref();
  }

  await refresh('start');
  if (options.store && !current) await startWithoutRegistry();
  /** Who changed the registry here has taken the change up already. */
  async function followRegistry(): Promise<void> {
    const head = await options.store?.head().catch(() => undefined);
    if (head?.number !== revision) await refresh('the registry changed');
  }

  const unwatch = options.store?.watch(() => void followRegistry());
  const watcher = options.watch ? watchTree(options.dir, () => void refresh('the working tree changed')) : undefined;
  return {
    current: () => current,
    onSwap(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    refresh,
    faults: () => faults,
    revision: () => revision,
    watched: () => watched,
    async [Symbol.asyncDispose]() {
      unwatch?.();
      clearInterval(retry);
      watcher?.close();
      await running;
      await current?.[Symbol.asyncDispose]();
    },
  };
}

/** Tells which sources fell back, came back or went away. */
function reportStates(events: Events, previous: Generation | undefined, next: Generation): void {
  const before = new Map(previous?.sources.map((source) => [source.name, source]));
  for (const { name, state, message, servesOld } of next.sources) {
    if (state === 'degraded')
      events.sourceDegraded({ source: name, message: message ?? '', servesOld: servesOld === true });
    else if (before.get(name)?.state === 'degraded') events.sourceRecovered({ source: name });
    before.delete(name);
  }
  for (const source of before.keys()) events.sourceRemoved({ source });
}

function sameStates(a: Generation, b: Generation): boolean {
  return stableStringify(a.sources) === stableStringify(b.sources);
}
