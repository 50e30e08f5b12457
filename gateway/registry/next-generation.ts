/** The project as it stands → the generation that serves it. */
import { buildGeneration, type Generation, type GenerationOptions, type SourceState } from '../compose/generation.ts';
import type { Environment } from '../config/env.ts';
import { formatFaults } from '../config/faults.ts';
import type { Policy } from '../config/policy.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { revealed } from '../config/secret.ts';
import type { CallResources } from '../connect/open.ts';
import { GatewayError, isErrorCode } from '../errors.ts';
import { sha256InTurns } from '../lib/hash.ts';
import { stableStringify } from '../lib/json.ts';
import type { Events } from '../observe/events.ts';
import { buildFrom } from './build.ts';
import { type Builder, createBuilder } from './builder.ts';
import { lookAside } from './look-aside.ts';
import { isVouched } from './registrar/contract-address.ts';
import { writeSchemas } from './schemas.ts';
import { lookAt, readStanding, readUnified, standingFacts, type Unified } from './standing.ts';
import { readTree, type Tree } from './tree.ts';
import type { ProjectView } from './view.ts';
import type { Watched } from './watched.ts';

/** How much larger than the largest body of a client a request to a source may be, where its policy does not say. */
const REQUEST_FACTOR = 4;

export type NextOptions = {
  env: Environment;
  config: GatewayConfig;
  events: Pick<Events, 'callFinished' | 'rulesOfNothing'>;
  now: () => number;
  watch: boolean;
  resources?: CallResources;
  builder?: Builder | undefined;
};

type Texts = {
  /** Read only when they are needed. */
  load(): Promise<Unified>;
  privateHash: string;
  privateBytes: number;
  states: SourceState[];
  faults: string[];
};

/** All that a generation is made of. Making it parses the text: that takes its time, and the process that does it answers nobody meanwhile. */
export type NextGeneration = {
  id: string;
  /** Length of the unified schema with its wire mapping, in bytes. */
  bytes: number;
  states: readonly SourceState[];
  faults: string[];
  watched: ReadonlyMap<string, Watched>;
  /** @throws GatewayError as `buildGeneration` does */
  make(): Promise<Generation>;
};

/**
 * Reads the project, and builds the texts that are not current.
 * @param policies the last good policy by source; brought up to date
 */
export async function nextGeneration(
  options: NextOptions,
  view: ProjectView,
  policies: Map<string, Policy>,
  isFirst: boolean,
): Promise<NextGeneration> {
  const { env, config, builder = createBuilder() } = options;
  const read = await readTree(view.dir, env, policies, builder.limits);
  if (!read.ok) throw new GatewayError('BAD_REQUEST', { message: formatFaults(read.faults) });
  const texts = await currentTexts(read.tree, { isTree: view.isTree && options.watch, isFirst, builder });
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
  const states = texts.states.map((state) => asRegistered(state, view));
  // A state that somebody gave a source changes what is served; that one degraded does not.
  const given = states.map(({ name, state, message }) =>
    state === 'active' || state === 'degraded' ? [] : [name, state, message ?? ''],
  );
  const id = (await sha256InTurns([texts.privateHash, stableStringify([reached, given])])).slice(0, 12);
  const parts: Omit<GenerationOptions, 'onCall' | keyof Unified> = {
    id,
    settings,
    states,
    headerRules: config.headers,
    limits: config.limits,
    maxBodyBytes: config.limits.upstreamBodyBytes,
    maxRequestBytes: REQUEST_FACTOR * config.limits.bodyBytes,
    now: options.now,
    ...(options.resources ? { resources: options.resources } : {}),
  };
  const watched = new Map(
    read.tree.sources.flatMap(({ name, kind, policy: { contract } }) =>
      contract ? [[name, { contract, kind, isGuarded: !isVouched(view.registered.get(name)?.entry) }] as const] : [],
    ),
  );
  return {
    id,
    bytes: texts.privateBytes,
    states,
    faults: [...texts.faults, ...read.faults.map(({ message }) => message)],
    watched,
    make: async () =>
      buildGeneration({
        ...parts,
        ...(await texts.load()),
        onCall: reportCalls(options.events),
        onStrange: (rules) => options.events.rulesOfNothing({ rules }),
      }),
  };
}

function reportCalls(events: NextOptions['events']): GenerationOptions['onCall'] {
  return (
    { source, operation, ms, bytes, outcome, attempts, cache, coalesced, unrequested, unplacedErrors },
    call,
    error,
  ) =>
    events.callFinished({
      requestId: call.requestId,
      source,
      operation,
      ms,
      bytes,
      outcome: isErrorCode(outcome) ? outcome : 'ok',
      attempts,
      cache,
      coalesced,
      unrequested,
      unplacedErrors,
      ...(error instanceof Error ? { cause: error.cause ?? error } : { cause: call.notes?.warning }),
    });
}

function ownState({ state }: Policy): Pick<SourceState, 'state' | 'message'> {
  return { state: state?.is ?? 'active', ...(state?.reason === undefined ? {} : { message: state.reason }) };
}

/** What the registry says of the state of a source; that it cannot be read as it stands weighs more. */
function asRegistered(state: SourceState, { registered }: ProjectView): SourceState {
  const entry = registered.get(state.name)?.entry;
  if (!entry) return state;
  const { version, stateReason } = entry;
  const isOurs = state.state === 'active' && (entry.state === 'deprecated' || entry.state === 'quarantined');
  if (!isOurs) return { ...state, version };
  return {
    ...state,
    state: entry.state as 'deprecated',
    version,
    ...(stateReason === undefined ? {} : { message: stateReason }),
  };
}

async function currentTexts(
  tree: Tree,
  { isTree, isFirst, builder }: { isTree: boolean; isFirst: boolean; builder: Builder },
): Promise<Texts> {
  const facts = standingFacts(tree);
  // At the start nobody waits, and the texts are wanted in any case.
  const whole = isFirst ? await readStanding(facts) : undefined;
  const standing = whole ? await lookAt(whole) : await lookAside(facts);
  const states = (
    failed: ReadonlyMap<string, string>,
    built: { has(name: string): boolean } = standing.names,
  ): SourceState[] =>
    tree.sources.map(({ name, kind, fault, policy }) => {
      const message = failed.get(name) ?? fault;
      if (message === undefined) return { name, kind, ...ownState(policy) };
      return { name, kind, state: 'degraded', message, servesOld: built.has(name) };
    });
  const { hasUnified, privateHash, privateBytes } = standing;
  const load = async (): Promise<Unified> => {
    const { publicText = '', privateText = '' } = whole ?? (await readUnified(facts));
    return { publicText, privateText };
  };
  const asTheyStand = (failed: ReadonlyMap<string, string>, faults: string[]): Texts | undefined =>
    hasUnified ? { load, privateHash, privateBytes, states: states(failed), faults } : undefined;
  // What a policy that cannot be read says of the schema is not known: the committed text says it.
  const isHeld = standing.stale.size === 0 && tree.sources.some(({ fault }) => fault !== undefined);
  const current = standing.unifiedIsCurrent || (isFirst && isHeld) ? asTheyStand(new Map(), []) : undefined;
  if (current) return current;
  const answer = await buildFrom(tree, whole ?? (await readStanding(facts)), { all: false, builder });
  const failed = new Map(answer.failed.map(({ source, message }) => [source, message]));
  const faults = answer.failed.map(({ source, message }) => `${source}: ${message}`);
  if (answer.result) {
    const isWhole = failed.size === 0 && tree.sources.every(({ isPolicyKnown }) => isPolicyKnown);
    if (isTree && isWhole) await writeSchemas(tree.dir, answer.result).catch(() => undefined);
    const { publicText, privateText, sources } = answer.result;
    return {
      load: async () => ({ publicText, privateText }),
      privateHash: await sha256InTurns([privateText]),
      privateBytes: Buffer.byteLength(privateText),
      states: states(failed, sources),
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
