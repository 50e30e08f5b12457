/** Lets one fault happen in a gateway of its own and says what was seen of it, and what was left when all was closed. */

import type { FaultyUpstream } from '../kit/faulty-upstream.ts';
import { documentOf, type Fault, type FaultyWorld, type Outcome } from './fault.ts';
import { judgeOne } from './judge.ts';
import type { Growth, MemoryForm } from './memory.ts';
import { repeat } from './repeat.ts';
import { settle } from './settle.ts';
import { watchTimers } from './timers.ts';
import { openWorld, startUpstreams } from './world.ts';

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
  /** Of each failure, where it was asked for. */
  readonly memory?: Growth;
  readonly complaints: readonly string[];
};

/**
 * @param form how often the fault happens again for what it leaves in memory; without it, it happens once
 * @returns what was seen; complaints say everything that is wrong, none means that the fault was survived
 */
export async function probe(fault: Fault, form?: MemoryForm): Promise<Row> {
  const timers = countTimers();
  using own = watchTimers((stack) => /^(.*\n){2}.*\/gateway\//.test(stack));
  const upstreams = await startUpstreams(fault);
  const failing = [upstreams.people, upstreams.stock, upstreams.ratings];
  const all = Object.values(upstreams);
  const calls = (): number => sum(failing, 'calls');
  try {
    const { world, close } = await openWorld(fault, upstreams);
    const complaints: string[] = [];
    const row: { memory?: Growth } = {};
    let outcome: Outcome;
    let counted: Pick<Row, 'calls' | 'callsInAll'>;
    let requests: number;
    try {
      outcome = await (fault.ask ? fault.ask(world) : askOnce(fault, world));
      requests = await settle(() => sum(all, 'open'));
      counted = { calls: calls(), callsInAll: sum(all, 'calls') };
      if (form) {
        const quiet = async (): Promise<number> => {
          // Timers that are over are forgotten, with all that they refer to.
          own.open();
          return await settle(() => sum(all, 'open'));
        };
        const repeated = await repeat(fault, world, form, quiet);
        row.memory = repeated.growth;
        complaints.push(...repeated.complaints);
      }
    } finally {
      await close();
    }
    const sockets = await settle(() => sum(all, 'sockets'));
    for (const upstream of all) await upstream[Symbol.asyncDispose]();
    const left = { requests, sockets, timers: await settle(() => Math.max(own.open(), countTimers() - timers)) };
    return {
      ...row,
      ...counted,
      name: fault.name,
      expected: fault.expected,
      seen: outcome.seen,
      siblings: outcome.siblings,
      left,
      complaints: [...judge(fault, outcome, counted.calls, left), ...outcome.complaints, ...complaints],
    };
  } finally {
    for (const upstream of all) await upstream[Symbol.asyncDispose]();
  }
}

async function askOnce(fault: Fault, world: FaultyWorld): Promise<Outcome> {
  const answer = await world.app.query(documentOf(fault), { headers: fault.headers ?? {} });
  const { complaints, ...outcome } = judgeOne(fault, answer);
  return { ...outcome, complaints: [...complaints, ...(fault.check?.(answer, world) ?? [])] };
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
