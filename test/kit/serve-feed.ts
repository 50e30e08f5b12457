/** An app on a port over a feed, and requests to it whose answers come in parts. */
import type { KitApp, LogLine } from './app.ts';
import { startApp } from './app.ts';
import type { Feed, FeedGeneration } from './feed.ts';
import { createFeed, makeFeedGeneration } from './feed.ts';
import { makeSupply } from './fixed-supply.ts';
import type { Parts } from './parts.ts';
import { readEvents, readMultipart } from './parts.ts';

export type Served = {
  readonly app: KitApp;
  /** Of the GraphQL endpoint. */
  readonly url: string;
  readonly feed: Feed;
  readonly generation: FeedGeneration;
  readonly supply: ReturnType<typeof makeSupply>;
  /** Lines about operations so far. */
  operations(): LogLine[];
  /** Whether the metrics have this line. */
  hasMetric(line: string): Promise<boolean>;
};

const open: KitApp[] = [];

export async function serveFeed(
  settings: Readonly<Record<string, unknown>> = {},
  feed: Feed = createFeed(),
  rule?: Parameters<typeof makeFeedGeneration>[2],
): Promise<Served> {
  const generation = makeFeedGeneration('g1', feed, rule);
  const supply = makeSupply(generation);
  const app = startApp(supply, { drainMs: 300, ...settings });
  open.push(app);
  const { url } = await app.listen();
  return {
    app,
    url: `${url}/graphql`,
    feed,
    generation,
    supply,
    operations: () => app.lines.filter(({ msg }) => msg === 'operation'),
    hasMetric: async (line) => (await app.metrics.expose()).split('\n').includes(line),
  };
}

/** For `afterEach`. */
export async function closeFeeds(): Promise<void> {
  for (const app of open.splice(0)) await app[Symbol.asyncDispose]();
}

export type Asked = {
  readonly response: Response;
  readonly parts: Parts;
  /** Leaves, whatever is still to come. */
  readonly controller: AbortController;
  readonly type: string;
};

/** Posts one operation whose answer comes in parts. */
export async function ask(
  url: string,
  query: string,
  accept = 'text/event-stream',
  headers: Readonly<Record<string, string>> = {},
): Promise<Asked> {
  const controller = new AbortController();
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, ...headers },
    body: JSON.stringify({ query }),
    signal: controller.signal,
  });
  const [type = ''] = (response.headers.get('content-type') ?? '').split(';');
  const parts = type === 'text/event-stream' ? readEvents(response) : readMultipart(response);
  return { response, parts, controller, type };
}
