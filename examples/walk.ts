/** What the demo shows of a gateway that runs over the example shop: one question across services, who may ask what, how often, and what is kept. */
import type { Answer } from './client/client.ts';
import { send } from './client/client.ts';
import type { ForWhomQuery } from './client/generated/graphql.ts';
import { categories, forWhom, ordersOverview } from './client/operations.ts';
import type { Shop } from './start.ts';

/** Keys of the demo, by the role that `gateway.yaml` beside this file gives them. */
export const DEMO_KEYS = {
  admin: 'demo-key-of-admin',
  support: 'demo-key-of-support',
  customer: 'demo-key-of-customer',
} as const;

/** More than the budget of who shows no key, whatever comes back of it meanwhile. */
const MOST_TRIES = 200;

export type Walk = {
  /** Where the gateway listens. */
  readonly url: string;
  readonly shop: Shop;
  /** Gets one or more lines at a time. */
  readonly print: (text: string) => void;
};

/** Walks all stations, in an order in which none spends what a later one needs. @throws when an answer is not the one to show */
export async function walk(to: Walk): Promise<void> {
  await showOneQuestion(to);
  await showRoles(to);
  await showKept(to);
  await showBudget(to);
}

async function showOneQuestion({ url, shop, print }: Walk): Promise<void> {
  const calls = countCalls(shop);
  print(`The question:\n\n${ordersOverview.toString().trim()}\n`);
  const answer = await send(url, ordersOverview, { limit: 1 });
  if (answer.errors !== undefined) throw new Error(`the answer has errors: ${JSON.stringify(answer.errors)}`);
  print(`The answer:\n\n${JSON.stringify(answer.data, null, 2)}\n`);
  print('What the services were asked for it:\n');
  for (const { service, operation, count } of calls.list()) {
    print(`  ${service.padEnd(10)}${operation.padEnd(20)}${count} call${count === 1 ? '' : 's'}`);
  }
  print(`\n  ${calls.total()} upstream calls in all.\n`);
}

async function showRoles({ url, print }: Walk): Promise<void> {
  print(`Who may see what (sources/orders/policy.yaml). The question:\n\n${forWhom.toString().trim()}\n`);
  for (const [role, key] of Object.entries(DEMO_KEYS)) {
    const answer = await send(url, forWhom, {}, { 'x-api-key': key });
    print(`  ${role.padEnd(10)}${JSON.stringify(answer.data)}`);
    print(`  ${''.padEnd(10)}${deniedOf(answer)}\n`);
  }
}

function deniedOf({ errors = [] }: Answer<ForWhomQuery>): string {
  const other = errors.find(({ extensions }) => extensions?.['code'] !== 'FORBIDDEN');
  if (other) throw new Error(`the answer has errors: ${JSON.stringify(errors)}`);
  if (errors.length === 0) return 'nothing is forbidden';
  return `FORBIDDEN: ${errors.map(({ path = [] }) => path.join('.')).join(', ')}`;
}

async function showKept({ url, shop, print }: Walk): Promise<void> {
  print('What is kept (sources/catalog/policy.yaml): the categories, asked for twice.\n');
  for (const time of ['first', 'second']) {
    const calls = countCalls(shop);
    const response = await post(url, categories.toString());
    const { data } = (await response.json()) as Answer<unknown>;
    if (data == null) throw new Error('the categories cannot be had');
    const outcome = response.headers.get('x-cache') ?? 'nothing';
    print(`  ${time.padEnd(10)}x-cache: ${outcome.padEnd(24)}${calls.total()} upstream calls`);
  }
  print('');
}

async function showBudget({ url, print }: Walk): Promise<void> {
  print(
    'How much who shows no key may ask (examples/gateway.yaml): until it is too much, the smallest question there is.\n',
  );
  let answered = 0;
  let response = await post(url, '{ __typename }');
  for (; response.status === 200; response = await post(url, '{ __typename }')) {
    answered += 1;
    await response.body?.cancel();
    if (answered > MOST_TRIES) throw new Error('the limit of who shows no key refuses nothing');
  }
  const { errors } = (await response.json()) as Answer<unknown>;
  print(`  ${answered} answers, then ${response.status}, retry-after: ${response.headers.get('retry-after')}`);
  print(`  ${errors?.[0]?.message}`);
  const withKey = await post(url, '{ __typename }', { 'x-api-key': DEMO_KEYS.customer });
  print(`  with a key: ${withKey.status}\n`);
  await withKey.body?.cancel();
}

async function post(url: string, query: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
    body: JSON.stringify({ query }),
  });
}

type Calls = {
  list(): { readonly service: string; readonly operation: string; readonly count: number }[];
  total(): number;
};

/** Counts anew what the services are asked. */
function countCalls({ orders, catalog, inventory, gallery }: Shop): Calls {
  const services = Object.entries({ orders, catalog, inventory, gallery });
  for (const [, { calls }] of services) calls.reset();
  return {
    list: () =>
      services.flatMap(([service, { calls }]) =>
        Object.entries(calls.byOperation()).map(([operation, count]) => ({ service, operation, count })),
      ),
    total: () => services.reduce((sum, [, { calls }]) => sum + calls.total(), 0),
  };
}
