import type { Upstream } from '../lib/child.ts';
import { readTree } from '../lib/proc.ts';
import { median } from '../lib/stats.ts';
import { AT_A_TIME, type Gateway, type Question } from './gateway.ts';

/** One side of a comparison: a gateway, what it is asked, and the calls that one such operation makes. */
export type Side = { gateway: Gateway; question: Question; calls: number };

/** CPU of one request in ms at either size, and how often the larger is the smaller. Medians over all rounds. */
export type Growth = { small: number; large: number; ratio: number };

export type Effort = { rounds: number; seconds: number };

const WARM_UP_ROUNDS = 2;

/**
 * Asks both sides by turns and compares what a request costs the gateways. The ratio is the median of the rounds' own: what disturbs the machine
 * for longer than a round disturbs both.
 *
 * @throws Error when an answer is wrong, or an operation made other calls than it must
 */
export async function measureGrowth(small: Side, large: Side, upstream: Upstream, effort: Effort): Promise<Growth> {
  const rounds: { small: number; large: number }[] = [];
  for (let round = -WARM_UP_ROUNDS; round < effort.rounds; round += 1) {
    const costs = { small: 0, large: 0 };
    // Neither is always the first.
    for (const name of round % 2 === 0 ? (['small', 'large'] as const) : (['large', 'small'] as const))
      costs[name] = await measureSide(name === 'small' ? small : large, upstream, effort.seconds);
    if (round >= 0) rounds.push(costs);
  }
  return {
    small: median(rounds.map((costs) => costs.small)),
    large: median(rounds.map((costs) => costs.large)),
    ratio: median(rounds.map((costs) => costs.large / costs.small)),
  };
}

/** CPU of one request, in ms. */
async function measureSide({ gateway, question, calls }: Side, upstream: Upstream, seconds: number): Promise<number> {
  await gateway.check(question);
  const right = await gateway.ask(question.query);
  await upstream.reset();
  const before = readTree(gateway.pid).cpuMs;
  const until = performance.now() + seconds * 1000;
  let done = 0;
  const loop = async (): Promise<void> => {
    while (performance.now() < until) {
      const answer = await gateway.ask(question.query);
      if (!answer.equals(right)) throw new Error(`another answer than before: ${answer.toString('utf8', 0, 600)}`);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, loop));
  const cpuMs = readTree(gateway.pid).cpuMs - before;
  const { total } = await upstream.read();
  if (total !== done * calls) throw new Error(`${done} operations made ${total} calls in place of ${done * calls}`);
  return cpuMs / done;
}
