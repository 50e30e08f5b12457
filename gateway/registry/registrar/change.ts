/**
 * Changes sources while the gateway serves: upload → build beside → report, impact, proposed joins → judged → registry → swapped in.
 * One change at a time in this process; between processes the registry's compare-and-set decides, and nothing is lost.
 */
import { join } from 'node:path';
import type { Environment } from '../../config/env.ts';
import type { GatewayConfig } from '../../config/schema.ts';
import { GatewayError } from '../../errors.ts';
import type { Events } from '../../observe/events.ts';
import type { RecordStore } from '../../record/store.ts';
import type { Builder } from '../builder.ts';
import { Refusal } from '../refusal.ts';
import type { RegistryEntry, RegistryStore, Revision } from '../store/store.ts';
import type { Supply } from '../supply.ts';
import { layBlobs } from '../view.ts';
import type { Made, NextSource } from './change-job.ts';
import { commit } from './commit.ts';
import { openDesk, writeInTurns } from './desk.ts';
import { diffVersions } from './diff.ts';
import { heldEntry, nextVersion, servedEntry, withdrawnEntry } from './entries.ts';
import type { Apply } from './gate.ts';
import type { Actor, Manner, Outcome } from './types.ts';

export type ChangeOptions = {
  /** The project folder. */
  dir: string;
  env: Environment;
  store: RegistryStore;
  supply: Pick<Supply, 'current' | 'refresh' | 'isHandedOver'>;
  config: Pick<GatewayConfig, 'registration' | 'registry' | 'variables'>;
  /** Operations that clients use; undefined where they are not recorded. */
  operations: RecordStore | undefined;
  events: Pick<Events, 'sourceChanged'>;
  /** What reads contracts, one at a time for all who serve here. */
  builder: Builder;
  now: () => number;
};

/** A change whose source is known: what it becomes, and from which version it goes out. */
export type Change = {
  name: string;
  what: Revision['what'];
  actor: Actor;
  manner: Manner;
  /** What the source becomes; files of an upload are put into the folder. */
  next: (folder: string) => Promise<NextSource>;
  /** For changes that nobody asked for. */
  apply?: Apply;
  /** Number of the version it goes back to, or is promoted to; 0 leaves the word to the working tree. */
  version?: number;
  /** Whether joins are proposed. */
  propose?: boolean;
};

export type ChangeRunner = (change: Change) => Promise<Outcome>;

/** How often a change is built anew because others came first. */
const MAX_TRIES = 5;

/** @returns what makes one change; calls wait for each other */
export function createChangeRunner(options: ChangeOptions): ChangeRunner {
  let running: Promise<unknown> = Promise.resolve();
  return async (change) => {
    const { store } = options;
    // What the change was made for is what stood when it was asked for, however long it waits.
    const asked = (await store.head())?.sources[change.name];
    const turn = running.then(async () => {
      for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
        // Who comes after this process would not hear of what is begun here; the change is as good there.
        if (options.supply.isHandedOver()) throw new GatewayError('DRAINING');
        const outcome = await tryOnce(options, change, asked);
        if (outcome) return outcome;
      }
      throw new Refusal('conflict', 'Others change sources all the time: try again in a moment.');
    });
    running = turn.catch(() => undefined);
    return turn;
  };
}

/** @returns undefined when another change came first */
async function tryOnce(
  options: ChangeOptions,
  change: Change,
  asked: RegistryEntry | undefined,
): Promise<Outcome | undefined> {
  const { store, supply, config, now } = options;
  const { name, actor, manner } = change;
  const head = await store.head();
  const entry = head?.sources[name];
  await checkExpected(options, change, entry, asked);
  await using desk = await openDesk();
  const answer = await workOut(options, change, head, desk.folder);
  if (answer === 'unchanged') return unchangedOutcome(change, entry);
  const { bundle, unified, verdict, report, impact, proposals, acceptedJoins } = answer;
  const told: Outcome = {
    source: name,
    what: change.what,
    dryRun: manner.dryRun === true,
    applied: false,
    unchanged: isKnown(bundle?.hash, entry, verdict.applied),
    ...(verdict.applied ? {} : { held: verdict.held }),
    ...(bundle ? { bundle: bundle.hash } : {}),
    ...(report ? { report } : {}),
    ...(impact ? { impact } : {}),
    proposedJoins: proposals,
    acceptedJoins,
  };
  if (told.dryRun || told.unchanged) return told;
  const version = change.version ?? nextVersion(entry);
  const { owner, overTree, isVouched } = answer;
  const made = { bundle: bundle?.hash ?? '', version, at: now(), by: actor.name };
  const facts = { ...made, owner, overTree, ...(isVouched ? { isVouched } : {}) };
  const revision = await commit({
    store,
    head,
    at: facts.at,
    by: actor.name,
    what: verdict.applied ? change.what : 'hold',
    source: name,
    reason: manner.reason,
    isForced: verdict.applied && verdict.forced === true,
    entry: verdict.applied
      ? entryAfter(change, entry, facts, config.registry.keepVersions)
      : heldEntry(entry, facts, verdict.held),
    bundle,
    unified,
  });
  if (!revision) return undefined;
  const { number } = revision;
  options.events.sourceChanged({ source: name, what: revision.what, by: actor.name, revision: number, version });
  if (!verdict.applied) return { ...told, what: 'hold', version, revision: number };
  const swapped = await supply.refresh(`${change.what} of ${name}`);
  const message = swapped.ok
    ? ''
    : `Revision ${number} is registered, but this replica could not take it up: ${swapped.message}`;
  if (!swapped.ok) throw new Refusal('unavailable', message, { revision: number });
  return { ...told, applied: true, version, revision: number, generation: swapped.generation };
}

/**
 * Has a build process work the change out: here nothing of it is read, and what is large passes as files.
 * @throws Refusal or GatewayError with why it is not made
 */
async function workOut(
  { dir, env, store, supply, config, builder, now, operations }: ChangeOptions,
  { name, what, actor, manner, apply, propose, next }: Change,
  head: Revision | undefined,
  folder: string,
): Promise<Made | 'unchanged'> {
  const becomes = await next(folder);
  const serving = Object.values(head?.sources ?? {}).flatMap(({ version, bundle }) => (version > 0 ? [bundle] : []));
  const needed = [...serving, head?.unified ?? [], becomes.kind === 'bundle' ? becomes.hash : []].flat();
  await layBlobs(store, needed, folder);
  const publicText = supply.current()?.publicSdl;
  const servedFile = publicText === undefined ? undefined : join(folder, 'served.graphql');
  if (servedFile !== undefined) await writeInTurns(servedFile, publicText ?? '');
  const answer = await builder.change(
    {
      ...{ dir, name, what, actor, manner, head, folder, servedFile, next: becomes, propose: propose !== false },
      ...(apply ? { apply } : {}),
      operations: await operations?.list(),
      today: new Date(now()).toISOString().slice(0, 10),
      maxBytes: config.registration.maxUploadBytes,
      allowInternal: config.registration.allowInternal,
    },
    env,
  );
  if ('made' in answer) return answer.made;
  if ('unchanged' in answer) return 'unchanged';
  if ('broken' in answer) throw new GatewayError('INTERNAL', { cause: new Error(answer.broken) });
  const { kind, message, details } = answer.refused;
  throw new Refusal(kind, message, details);
}

/** Whether the bundle is what serves already, or where it would wait, what waits already. */
function isKnown(hash: string | undefined, entry: RegistryEntry | undefined, applied: boolean): boolean {
  if (hash === undefined || !entry || entry.state === 'withdrawn') return false;
  return hash === (applied ? entry.bundle : entry.held?.bundle);
}

function unchangedOutcome({ name, what, manner }: Change, entry: RegistryEntry | undefined): Outcome {
  const version = entry && entry.version > 0 ? { version: entry.version, bundle: entry.bundle } : {};
  const rest = {
    dryRun: manner.dryRun === true,
    applied: false,
    unchanged: true,
    proposedJoins: [],
    acceptedJoins: [],
  };
  return { source: name, what, ...rest, ...version };
}

function entryAfter(
  { what, version }: Change,
  before: RegistryEntry | undefined,
  facts: Parameters<typeof servedEntry>[1],
  keepVersions: number,
): RegistryEntry | undefined {
  if (what === 'withdraw') return withdrawnEntry(before, facts);
  return version === 0 ? undefined : servedEntry(before, facts, keepVersions);
}

/**
 * A change is made for the version that its author knew: `expects`, else the one that served when it was asked for.
 * @throws Refusal conflict that tells what came between
 */
async function checkExpected(
  options: ChangeOptions,
  { name, manner }: Change,
  now: RegistryEntry | undefined,
  asked: RegistryEntry | undefined,
): Promise<void> {
  const expected = manner.expects ?? asked?.version ?? 0;
  const current = now?.version ?? 0;
  if (expected === current && (manner.expects !== undefined || now?.state === asked?.state)) return;
  const last = now?.versions.at(-1);
  const who = last ? `, which ${last.by} made` : '';
  const message = `${name} is at version ${current}${who}, not ${expected}: look at the difference and try again.`;
  const between = await diffVersions(options, name, expected, current).catch(() => undefined);
  throw new Refusal('conflict', message, {
    expected,
    version: current,
    ...(between ? { changes: between.changes } : {}),
  });
}
