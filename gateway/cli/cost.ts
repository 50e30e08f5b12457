import { ask, askOptions } from './ask.ts';
import type { Command } from './command.ts';
import { UsageError } from './command.ts';
import { type CostAnswer, costText } from './cost-text.ts';
import { exitCodes } from './io.ts';

/** Prices an operation, and tells where the price goes. */
export const cost: Command = {
  name: 'cost',
  summary: 'Price an operation and show where the price goes',
  operands: 'QUERY',
  options: {
    analyze: { type: 'boolean', description: 'run the operation, mutations too, and tell what it really cost' },
    ...askOptions,
  },
  examples: [
    "tributary cost '{ orders { id customer { name } } }'",
    `tributary cost 'query ($n: Int) { orders(limit: $n) { id } }' --variables '{"n": 3}'`,
    "tributary cost '{ orders { id } }' --analyze --gateway http://127.0.0.1:4001",
  ],
  async run(io, values, [query, extra]) {
    if (query === undefined || extra !== undefined) throw new UsageError('cost wants one GraphQL document');
    const analyze = values['analyze'] === true;
    const headers = { 'x-tributary-cost': 'parts' };
    const answer: CostAnswer | undefined = await ask(io, values, { query, analyze }, headers);
    if (answer === undefined) return exitCodes.bad;
    const report = answer.extensions?.cost;
    if (report && values['json'] === true) io.out(`${JSON.stringify(report, null, 2)}\n`);
    else if (report) io.out(costText(report, analyze));
    for (const line of new Set(answer.errors?.map(({ message }) => message))) io.err(`${line}\n`);
    return report ? exitCodes.ok : exitCodes.bad;
  },
};
