import { buildGeneration, type Generation, type SourceState } from '../compose/generation.ts';
import type { Environment } from '../config/env.ts';
import { formatFaults } from '../config/faults.ts';
import type { Policy } from '../config/policy.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { Secret } from '../config/secret.ts';
import type { CallResources } from '../connect/open.ts';
import { GatewayError, isErrorCode } from '../errors.ts';
import { sha256 } from '../lib/hash.ts';
import { stableStringify } from '../lib/json.ts';
import type { Events } from '../observe/events.ts';
import { buildFrom, readStanding } from './build.ts';
import { writeSchemas } from './schemas.ts';
import { readTree, type Tree } from './tree.ts';
import { watchTree } from './watch.ts';

export type RefreshResult = { ok: true; generation: string } | { ok: false; message: string };

/** Where generations come from: the working tree, read again on demand. */
export type Supply = {
  current(): Generation | undefined;
  /** The listener is told before the first request of the new generation; it takes over the old one's disposal. */
  onSwap(listener: (next: Generation, previous: Generation | undefined) => void): () => void;
  refresh(reason: string): Promise<RefreshResult>;
  /** What the last refresh had to say, for health; empty when all is well. */
  faults(): readonly string[];
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
};

type Texts = { publicText: string; privateText: string; states: SourceState[]; faults: string[] };

/**
 * Opens the working tree as a supply and builds the first generation. When texts under `schemas/` are current neither contracts
 * nor Mesh are touched; what is not current is built in a worker. A source that fails keeps its older text and is degraded; a tree
 * that cannot be read leaves the last generation serving.
 */
export async function openSupply(options: SupplyOptions): Promise<Supply> {
  const listeners = new Set<(next: Generation, previous: Generation | undefined) => void>();
  let current: Generation | undefined;
  let faults: readonly string[] = [];
  const policies = new Map<string, Policy>();
  let running: Promise<RefreshResult> = Promise.resolve({ ok: false, message: 'not started' });

  async function refreshNow(reason: string): Promise<RefreshResult> {
    const startedAt = options.now();
    try {
      const next = await nextGeneration(options, policies, current === undefined);
      faults = next.faults;
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

  await refresh('start');
  const watcher = options.watch ? watchTree(options.dir, () => void refresh('the working tree changed')) : undefined;
  return {
    current: () => current,
    onSwap(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    refresh,
    faults: () => faults,
    async [Symbol.asyncDispose]() {
      watcher?.close();
      await running;
      await current?.[Symbol.asyncDispose]();
    },
  };
}

/** @param policies the last good policy by source; brought up to date */
async function nextGeneration(
  options: SupplyOptions,
  policies: Map<string, Policy>,
  isFirst: boolean,
): Promise<{ generation: Generation; faults: string[] }> {
  const { dir, env, config } = options;
  const read = await readTree(dir, env, policies);
  if (!read.ok) throw new GatewayError('BAD_REQUEST', { message: formatFaults(read.faults) });
  const texts = await currentTexts(read.tree, options, isFirst);
  for (const { name, policy, fault } of read.tree.sources) if (fault === undefined) policies.set(name, policy);
  const settings = new Map(
    read.tree.sources.map(({ name, policy, endpoints, headers }) => [name, { policy, endpoints, headers }]),
  );
  const reached = read.tree.sources.map(({ name, endpoints, headers, policy }) => [
    name,
    endpoints,
    headers,
    revealed(policy),
  ]);
  const generation = buildGeneration({
    id: sha256([texts.privateText, stableStringify(reached)]).slice(0, 12),
    privateText: texts.privateText,
    publicText: texts.publicText,
    settings,
    states: texts.states,
    headerRules: config.headers,
    limits: config.limits,
    maxBodyBytes: config.limits.upstreamBodyBytes,
    now: options.now,
    ...(options.resources ? { resources: options.resources } : {}),
    onCall: ({ source, operation, ms, bytes, outcome, attempts, cache, coalesced }, call, error) =>
      options.events.callFinished({
        requestId: call.requestId,
        source,
        operation,
        ms,
        bytes,
        outcome: isErrorCode(outcome) ? outcome : 'ok',
        attempts,
        cache,
        coalesced,
        ...(error instanceof Error ? { cause: error.cause ?? error } : {}),
      }),
  });
  return { generation, faults: [...texts.faults, ...read.faults.map(({ message }) => message)] };
}

/** A policy with its secrets: another password is another generation. */
function revealed(policy: Policy): unknown {
  const text = JSON.stringify(policy, function (this: Record<string, unknown>, key, value: unknown) {
    const own = this[key];
    return own instanceof Secret ? own.reveal() : value;
  });
  return JSON.parse(text);
}

async function currentTexts(tree: Tree, options: SupplyOptions, isFirst: boolean): Promise<Texts> {
  const standing = await readStanding(tree);
  const states = (failed: ReadonlyMap<string, string>, texts = standing.texts): SourceState[] =>
    tree.sources.map(({ name, kind, fault }) => {
      const message = failed.get(name) ?? fault;
      if (message === undefined) return { name, kind, state: 'active' };
      return { name, kind, state: 'degraded', message, servesOld: texts.has(name) };
    });
  const { publicText, privateText } = standing;
  const asTheyStand = (failed: ReadonlyMap<string, string>, faults: string[]): Texts | undefined =>
    publicText === undefined || privateText === undefined
      ? undefined
      : { publicText, privateText, states: states(failed), faults };
  // What a policy that cannot be read says of the schema is not known: the committed text says it.
  const isHeld = standing.stale.size === 0 && tree.sources.some(({ fault }) => fault !== undefined);
  const current = standing.unifiedIsCurrent || (isFirst && isHeld) ? asTheyStand(new Map(), []) : undefined;
  if (current) return current;
  const answer = await buildFrom(tree, standing, { all: false });
  const failed = new Map(answer.failed.map(({ source, message }) => [source, message]));
  const faults = answer.failed.map(({ source, message }) => `${source}: ${message}`);
  if (answer.result) {
    const isWhole = failed.size === 0 && tree.sources.every(({ isPolicyKnown }) => isPolicyKnown);
    if (options.watch && isWhole) await writeSchemas(tree.dir, answer.result).catch(() => undefined);
    return {
      publicText: answer.result.publicText,
      privateText: answer.result.privateText,
      states: states(failed, answer.result.sources),
      faults,
    };
  }
  const message = [answer.fault ?? 'The build gave no result.', ...faults].join('\n');
  // At the start there is no generation to go on with: what was committed last is.
  const old = isFirst ? asTheyStand(blamed(tree, message), message.split('\n')) : undefined;
  if (old) return old;
  throw new GatewayError('BAD_REQUEST', { message });
}

/** Sources whose files a fault names; all where it names none. */
function blamed(tree: Tree, message: string): Map<string, string> {
  const named = tree.sources.filter(({ name }) => message.includes(`sources/${name}/`));
  return new Map((named.length > 0 ? named : tree.sources).map(({ name }) => [name, message]));
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
