/** Lets one fault happen in a gateway of its own and says what was seen of it, and what was left when all was closed. */

import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createEvents } from '../../gateway/observe/events.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { createMetrics } from '../../gateway/observe/metrics.ts';
import { openSupply } from '../../gateway/registry/supply.ts';
import { type Answer, readSettings, startApp } from '../kit/app.ts';
import type { FaultyUpstream } from '../kit/faulty-upstream.ts';
import { endpointVariable, prepareProject } from '../kit/project.ts';
import { root } from '../repository.ts';
import { type Fault, type FaultyWorld, healthy, type Outcome, PRIVATE, type SourceName } from './fault.ts';
import { watchTimers } from './timers.ts';

export type Row = {
  readonly name: string;
  readonly expected: string;
  readonly seen: string;
  readonly siblings: boolean;
  /** Requests that failing sources received, and those that any received. */
  readonly calls: number;
  readonly callsInAll: number;
  /** Requests still under way after the answer, sockets and timers after the gateway was closed. */
  readonly left: { readonly requests: number; readonly sockets: number; readonly timers: number };
  readonly complaints: readonly string[];
};

/** Longest wait for what has to go away by itself. */
const SETTLE_MS = 3000;
const SIBLING = 'sibling: listPosts { title }';
const LIBRARY = 'test/cases/worlds/library';

/** @returns what was seen; complaints say everything that is wrong, none means that the fault was survived */
export async function probe(fault: Fault): Promise<Row> {
  const timers = countTimers();
  using own = watchTimers((stack) => /^(.*\n){2}.*\/gateway\//.test(stack));
  const upstreams = await startUpstreams(fault);
  const failing = [upstreams.people, upstreams.stock, upstreams.ratings];
  const all = Object.values(upstreams);
  try {
    const { world, close } = await openWorld(fault, upstreams);
    let outcome: Outcome;
    let requests: number;
    try {
      outcome = await (fault.ask ? fault.ask(world) : askOnce(fault, world));
      requests = await settle(() => sum(all, 'open'));
    } finally {
      await close();
    }
    const [calls, callsInAll] = [sum(failing, 'calls'), sum(all, 'calls')];
    const sockets = await settle(() => sum(all, 'sockets'));
    for (const upstream of all) await upstream[Symbol.asyncDispose]();
    const left = { requests, sockets, timers: await settle(() => Math.max(own.open(), countTimers() - timers)) };
    const row = { name: fault.name, expected: fault.expected, seen: outcome.seen, siblings: outcome.siblings };
    return {
      ...row,
      calls,
      callsInAll,
      left,
      complaints: [...judge(fault, outcome, calls, left), ...outcome.complaints],
    };
  } finally {
    for (const upstream of all) await upstream[Symbol.asyncDispose]();
  }
}

async function startUpstreams({ upstreams = {} }: Fault): Promise<Record<SourceName, FaultyUpstream>> {
  const start = { ...healthy, ...upstreams };
  const [people, stock] = [await start.people(), await start.stock()];
  return { people, stock, ratings: await start.ratings(), posts: await start.posts() };
}

async function openWorld(
  { policies = {}, endpoints = {}, world = LIBRARY, ...fault }: Fault,
  upstreams: FaultyWorld['upstreams'],
): Promise<{ world: FaultyWorld; close: () => Promise<void> }> {
  const overrides = Object.fromEntries(Object.entries(policies).map(([name, policy]) => [name, { policy }]));
  const project = await prepareProject(join(root, world), overrides);
  const env: Record<string, string> = {};
  // Sources that nobody asks stand at the sibling's address.
  for (const name of project.sources.keys()) env[endpointVariable(name)] = upstreams.posts.endpoint;
  for (const [name, { endpoint }] of Object.entries(upstreams)) env[endpointVariable(name)] = endpoint;
  for (const [name, endpoint] of Object.entries(endpoints)) env[endpointVariable(name)] = endpoint;
  // Storms are of one operation's fields: it is larger than what people write.
  const settings = { operationLimits: { rootFields: 1000, aliases: 1000 }, ...fault.settings };
  const config = readSettings(settings);
  const events = createEvents({ log: createLog({ level: 'silent', pretty: 'off' }), metrics: createMetrics() });
  const supply = await openSupply({ dir: project.dir, env, config, events, now: Date.now, watch: false });
  if (supply.current() === undefined || supply.faults().length > 0) throw new Error(supply.faults().join('; '));
  const app = startApp(supply, settings);
  const close = async (): Promise<void> => {
    await app[Symbol.asyncDispose]();
    await supply[Symbol.asyncDispose]();
  };
  return { world: { app, upstreams }, close };
}

async function askOnce(fault: Fault, world: FaultyWorld): Promise<Outcome> {
  const isMutation = fault.kind === 'mutation';
  const document = isMutation ? `mutation { ${fault.fields} }` : `{ ${fault.fields} ${SIBLING} }`;
  const answer = await world.app.query(document, { headers: fault.headers ?? {} });
  return {
    ...judgeAnswer(answer, !isMutation),
    complaints: [...complain(answer), ...(fault.check?.(answer, world) ?? [])],
  };
}

/** Reads an answer: `seen` and `siblings` of the outcome. */
export function judgeAnswer({ body }: Answer, withSibling = true): Omit<Outcome, 'complaints'> {
  const codes = new Set((body.errors ?? []).map(({ extensions }) => String(extensions['code'])));
  const { sibling } = (body.data ?? {}) as { sibling?: unknown };
  const siblings = !withSibling || JSON.stringify(sibling) === '[{"title":"sibling"}]';
  return { seen: codes.size === 0 ? 'answered' : [...codes].sort().join('+'), siblings };
}

function complain({ status, body }: Answer): string[] {
  return [...(status === 200 ? [] : [`the status is ${status}`]), ...complainOf(body.errors ?? [])];
}

/** What is wrong with errors that a client is told: they must not hold the upstream's words, nor its address. */
export function complainOf(errors: unknown): string[] {
  const text = JSON.stringify(errors);
  return text.includes(PRIVATE) || text.includes('127.0.0.1') ? [`the client is told ${text.slice(0, 200)}`] : [];
}

function judge(
  { expected, calls: [fewest, most] }: Fault,
  outcome: Outcome,
  calls: number,
  left: Row['left'],
): string[] {
  return [
    ...(outcome.seen === expected ? [] : [`expected ${expected}, seen ${outcome.seen}`]),
    ...(outcome.siblings ? [] : ['the siblings are not answered']),
    ...(calls >= fewest && calls <= most ? [] : [`${calls} calls, not ${fewest} to ${most}`]),
    ...Object.entries(left).flatMap(([what, count]) => (count === 0 ? [] : [`${count} ${what} left`])),
  ];
}

function sum(upstreams: readonly FaultyUpstream[], what: 'calls' | 'open' | 'sockets'): number {
  return upstreams.reduce((total, upstream) => total + upstream[what](), 0);
}

/** Timers that keep the process alive. */
function countTimers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

/** Waits for nothing to be left; gives what is. */
async function settle(count: () => number): Promise<number> {
  const limit = Date.now() + SETTLE_MS;
  while (count() > 0 && Date.now() < limit) await nextTurn();
  return count();
}
