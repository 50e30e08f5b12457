import type { Generation, SourceState } from '../compose/generation.ts';
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
import type { Successor, Wanted } from './successor.ts';
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
  /** Whether another process has taken over: nothing is taken up here any more. */
  isHandedOver(): boolean;
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
  /** Who takes large generations up in place of this process; without it all are made here. */
  successor?: Successor | undefined;
  /** Whether this is the one of several processes that looks at the folder; alone it is. */
  leads?: (() => boolean) | undefined;
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
  /** The last one that was read, and the one that serves: making a generation takes its time. */
  let read: number | undefined;
  let revision: number | undefined;
  let watched: ReadonlyMap<string, Watched> = new Map();
  let retry: NodeJS.Timeout | undefined;
  /** As they were read, before connectors had their say. */
  let states: readonly SourceState[] = [];
  /** What another process took over with. */
  let handedOver: Wanted | undefined;
  const policies = new Map<string, Policy>();
  let running: Promise<RefreshResult> = Promise.resolve({ ok: false, message: 'not started' });

  async function refreshNow(
    reason: string,
    store: RegistryStore | null | undefined = options.store,
  ): Promise<RefreshResult> {
    if (handedOver) return await elsewhere(handedOver);
    const startedAt = options.now();
    try {
      await using view = await openView(options.dir, store);
      const next = await nextGeneration(options, view, policies, current === undefined);
      const isSame = current?.id === next.id && stableStringify(states) === stableStringify(next.states);
      if (!isSame && current && options.successor && next.bytes > options.successor.aboveBytes) {
        await handOver(options.successor, { generation: next.id, revision: view.revision });
        return { ok: true, generation: next.id };
      }
      faults = next.faults;
      watched = next.watched;
      if (store === options.store) read = view.revision;
      if (isSame) {
        follow(store, view.revision);
        return { ok: true, generation: next.id };
      }
      const made = await next.make();
      const previous = current;
      // Whoever serves takes the new one first: should that fail, the old one goes on.
      try {
        for (const listener of listeners) listener(made, previous);
      } catch (error) {
        await made[Symbol.asyncDispose]();
        throw error;
      }
      current = made;
      states = next.states;
      follow(store, view.revision);
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

  /** Says what serves, once it does. */
  function follow(store: RegistryStore | null | undefined, served: number): void {
    if (store === options.store) revision = served;
    if (store) options.events.registryFollowed({ revision: served });
  }

  /** @throws GatewayError SOURCE_UNAVAILABLE with why nobody has taken over */
  async function handOver(successor: Successor, wanted: Wanted): Promise<void> {
    // Nobody waits for a build meanwhile.
    options.builder?.rest();
    const taken = await successor.takeOver(wanted);
    if (!taken.ok) throw new GatewayError('SOURCE_UNAVAILABLE', { message: taken.message });
    handedOver = wanted;
  }

  /** Whether the other process has taken the registry up as it is now. What comes later it follows by itself. */
  async function elsewhere({ generation, revision: taken }: Wanted): Promise<RefreshResult> {
    const head = await options.store?.head().catch(() => undefined);
    if ((head?.number ?? 0) <= taken) return { ok: true, generation };
    return { ok: false, message: 'Another process has taken over here, and will take it up.' };
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
    if (!handedOver && head?.number !== read) await refresh('the registry changed');
  }

  const unwatch = options.store?.watch(() => void followRegistry());
  const { leads = () => true } = options;
  const treeChanged = (): void => {
    if (leads()) void refresh('the working tree changed');
  };
  const watcher = options.watch ? watchTree(options.dir, treeChanged) : undefined;
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
    isHandedOver: () => handedOver !== undefined,
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
