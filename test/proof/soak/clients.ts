/** The mixed load of a soak: clients of every kind, each checking what it gets. */

export type Client = {
  /** Asks once. @returns what is wrong with the answer; undefined where nothing is */
  ask(turn: number): Promise<string | undefined>;
};

const SUPPORT = { 'x-api-key': 'demo-key-of-support' };
const JOIN =
  '{ orders(limit: 10) { id customer { name } items { quantity product { name stock { onHand warehouse { city } } reviews { rating } } } shipments { carrier status } } }';
const EVENTS = 'subscription { watchStock(input: { productId: "prd_0001" }) { onHand } }';
/** How long a client that leaves waits, and how long a subscription is listened to, in ms. */
const LEAVES_MS = 5;
const LISTENS_MS = 200;

type Answer = { data?: unknown; errors?: { extensions?: { code?: string } }[] };

/** One client of each kind, by name; `customers` are ids that there are. */
export function clientsOf(graphql: string, customers: readonly string[]): Readonly<Record<string, Client>> {
  async function post(
    query: string,
    {
      headers = {},
      variables,
      signal = AbortSignal.timeout(60_000),
    }: { headers?: Record<string, string>; variables?: object; signal?: AbortSignal } = {},
  ): Promise<Response> {
    return await fetch(graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
      signal,
    });
  }

  /** @param wanted code of the first error; undefined for an answer without any */
  async function expecting(wanted: string | undefined, response: Promise<Response>): Promise<string | undefined> {
    const answer = (await (await response).json()) as Answer;
    const code = answer.errors?.[0]?.extensions?.code;
    const isRight = code === wanted && (wanted !== undefined || (answer.data !== undefined && answer.data !== null));
    return isRight ? undefined : `expected ${wanted ?? 'data'}: ${JSON.stringify(answer).slice(0, 300)}`;
  }

  return {
    'the same join': { ask: () => expecting(undefined, post(JOIN)) },
    'other arguments each time': {
      ask: (turn) => {
        const query = 'query ($id: String!) { customer(customerId: $id) { name orders { id } } }';
        return expecting(
          undefined,
          post(query, { headers: SUPPORT, variables: { id: customers[turn % customers.length] } }),
        );
      },
    },
    'another document each time': {
      ask: (turn) =>
        expecting(undefined, post(`query Q${turn} { a${turn}: bestsellers { name price { amountCents } } }`)),
    },
    'no valid document': {
      ask: (turn) =>
        turn % 2 === 0
          ? expecting('PARSE_FAILED', post(`{ ${turn}`))
          : expecting('VALIDATION_FAILED', post(`{ nothing${turn} }`)),
    },
    'a source that fails': {
      ask: () =>
        expecting('UPSTREAM_FAILED', post('{ orders(limit: 1) { id } }', { headers: { 'x-fault': 'status:500' } })),
    },
    'leaves before the answer': {
      ask: async () => {
        const headers = { 'x-delay-ms': '50' };
        await post(JOIN, { headers, signal: AbortSignal.timeout(LEAVES_MS) })
          .then((response) => response.text())
          .catch(() => undefined);
        return undefined;
      },
    },
    'listens for a while': {
      ask: async () => {
        const left = new AbortController();
        const response = await post(EVENTS, { headers: { accept: 'text/event-stream' }, signal: left.signal });
        if (response.status !== 200) return `a subscription began with ${response.status}`;
        setTimeout(() => left.abort(), LISTENS_MS);
        await response.text().catch(() => undefined);
        return undefined;
      },
    },
  };
}

/** Runs so many clients of each kind, over and over. @returns what ends them, and gives the figures */
export function startClients(
  clients: Readonly<Record<string, Client>>,
  { each, thinkMs }: { each: number; thinkMs: number },
): () => Promise<{ requests: number; wrong: readonly string[] }> {
  let isRunning = true;
  let requests = 0;
  const wrong: string[] = [];
  const loops = Object.entries(clients).flatMap(([name, client]) =>
    Array.from({ length: each }, async () => {
      while (isRunning) {
        requests += 1;
        const fault = await client.ask(requests).catch((error: unknown) => String(error));
        if (fault !== undefined) wrong.push(`${name}: ${fault}`);
        await new Promise((resolve) => setTimeout(resolve, thinkMs));
      }
    }),
  );
  return async () => {
    isRunning = false;
    await Promise.all(loops);
    return { requests, wrong };
  };
}
