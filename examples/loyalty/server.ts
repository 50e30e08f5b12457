import { COUNTS, customerId } from '../lib/data/facts.ts';
import { createRandom } from '../lib/random.ts';
import { notFound } from '../lib/rest/problem.ts';
import { startRestServer } from '../lib/rest/server.ts';
import type { RunningServer } from '../lib/running-server.ts';

type Account = { customerId: string; points: number; level: 'blue' | 'silver' | 'golden' };

/** Where the README's example expects it. */
export const LOYALTY_PORT = 4105;

/**
 * Starts the loyalty service, by `openapi.yaml` beside this file. It is no part of the shop: it waits to be added.
 *
 * @param options `port` 0 takes a free one (default 0); `host` defaults to 127.0.0.1
 */
export async function startLoyalty(options: { port?: number; host?: string } = {}): Promise<RunningServer> {
  const accounts = new Map(createAccounts().map((account) => [account.customerId, account]));
  return await startRestServer({
    contract: new URL('./openapi.yaml', import.meta.url),
    handlers: {
      listAccounts: ({ query }) => {
        const { customerIds } = query as { customerIds: string[] };
        return { status: 200, body: customerIds.flatMap((id) => accounts.get(id) ?? []) };
      },
      getAccount: ({ path }) => {
        const id = path['customerId'] ?? '';
        const account = accounts.get(id);
        if (account === undefined) throw notFound('account', id);
        return { status: 200, body: account };
      },
    },
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
  });
}

/** Three of four customers have one. */
function createAccounts(): Account[] {
  const random = createRandom(7007);
  const accounts: Account[] = [];
  for (let number = 1; number <= COUNTS.customers; number += 1) {
    if (number % 4 === 0) continue;
    const points = random.integer(0, 5000);
    const level = points > 4000 ? 'golden' : points > 2000 ? 'silver' : 'blue';
    accounts.push({ customerId: customerId(number), points, level });
  }
  return accounts;
}
