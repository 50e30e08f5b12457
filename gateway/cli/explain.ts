import { ask, askOptions } from './ask.ts';
import type { Command } from './command.ts';
import { UsageError } from './command.ts';
import { type ExplainAnswer, explainText } from './explain-text.ts';
import { exitCodes } from './io.ts';

/** Tells which calls an operation makes, before or after making them. */
export const explain: Command = {
  name: 'explain',
  summary: 'Show which upstream calls an operation makes',
  operands: 'QUERY',
  options: {
    analyze: { type: 'boolean', description: 'run the operation, mutations too, and tell what it came to' },
    ...askOptions,
  },
  examples: [
    "tributary explain '{ orders { id customer { name } } }'",
    "tributary explain '{ orders { id customer { name } } }' --analyze",
    `tributary explain 'query ($n: Int) { orders(limit: $n) { id } }' --variables '{"n": 3}' --gateway http://127.0.0.1:4001`,
  ],
  async run(io, values, [query, extra]) {
    if (query === undefined || extra !== undefined) throw new UsageError('explain wants one GraphQL document');
    const answer: ExplainAnswer | undefined = await ask(io, values, { query, analyze: values['analyze'] === true });
    if (answer === undefined) return exitCodes.bad;
    if (values['json'] === true) io.out(`${JSON.stringify(answer, null, 2)}\n`);
    else if (answer.extensions?.explain) io.out(explainText(answer));
    for (const line of new Set(answer.errors?.map(({ message }) => message))) io.err(`${line}\n`);
    return answer.extensions?.explain ? exitCodes.ok : exitCodes.bad;
  },
};
