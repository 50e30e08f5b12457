/** GraphiQL as a person meets it: opened in a browser without any network, a query typed and run, the docs read. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp } from '../kit/app.ts';
import type { Exchange } from '../kit/exchange.ts';
import { createFeed, makeFeedGeneration } from '../kit/feed.ts';
import { makeSupply } from '../kit/fixed-supply.ts';
import type { Kit } from '../kit/index.ts';
import { startKit } from '../kit/index.ts';
import { removeProjects } from '../kit/project.ts';
import { until } from '../kit/until.ts';

const candidates = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executablePath = candidates.find((path) => path !== undefined && existsSync(path));
if (executablePath === undefined) {
  process.stderr.write(
    '\nSKIPPED: GraphiQL is not tested, there is no Chromium here. Install it, or set CHROMIUM_PATH.\n\n',
  );
}

const items = [
  { id: 'i1', title: 'Lamp' },
  { id: 'i2', title: 'Chair' },
];
const exchanges: Record<string, Exchange[]> = {
  catalog: [{ request: 'GET /items', answer: { body: items }, times: 100 }],
  reviews: [
    {
      request: 'itemsByIds',
      answer: { body: { data: { itemsByIds: items.map(({ id }) => ({ id, _k_id: id, stars: 4.5 })) } } },
      times: 100,
    },
  ],
  store: [
    {
      request: 'depot.v1.Store/BatchGetItems',
      answer: { body: { items: items.map(({ id }, index) => ({ id, pieces: 70 + index })) } },
      times: 100,
    },
  ],
};

describe.skipIf(executablePath === undefined)('GraphiQL in a browser', () => {
  let kit: Kit;
  let browser: Browser;
  let page: Page;
  let origin = '';
  const elsewhere: string[] = [];
  const faults: string[] = [];

  beforeAll(async () => {
    kit = await startKit({ world: join(import.meta.dirname, '../cases/worlds/depot'), exchanges });
    origin = (await kit.app.listen()).url;
    browser = await chromium.launch({
      ...(executablePath !== undefined && { executablePath }),
      args: [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-sync'],
        ...['--disable-background-networking', '--disable-component-update'],
      ],
    });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== origin)
        elsewhere.push(request.url());
    });
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    await page.goto(`${origin}/graphql`, { waitUntil: 'load' });
    await page.locator('.graphiql-query-editor .view-lines').waitFor();
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    await kit?.[Symbol.asyncDispose]();
    await removeProjects();
  });

  const shown = (selector: string) => page.locator(selector).innerText();
  const result = async (text: string) => {
    await page.locator('.result-window .view-lines', { hasText: text }).waitFor();
    // Monaco writes non-breaking spaces.
    return (await shown('.result-window .view-lines')).replaceAll('\u00a0', ' ');
  };

  it('opens with an example query that runs as it stands and joins sources', async () => {
    expect((await shown('.graphiql-query-editor .view-lines')).replaceAll('\u00a0', ' ')).toContain('query Example');
    await page.locator('.graphiql-execute-button').click();
    const text = await result('Chair');
    expect(text).toContain('"stars": 4.5');
    expect(text).not.toContain('errors');
  });

  it('runs a query that is typed', async () => {
    await page.locator('.graphiql-query-editor .view-lines').click();
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Backspace');
    await page.keyboard.type('query Typed { items { mine: title pieces } }');
    // The tab is named after the operation as soon as the editor has understood it.
    await page.locator('.graphiql-tab', { hasText: 'Typed' }).waitFor();
    await page.keyboard.press('Control+Enter');
    const text = await result('mine');
    expect(text).toContain('"mine": "Lamp"');
    expect(text).toContain('"pieces": 70');
  });

  it('shows the docs of the schema', async () => {
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    const docs = page.locator('.graphiql-doc-explorer');
    await docs.getByText('Query', { exact: true }).first().click();
    await docs.getByText('What is for sale.').waitFor();
    expect(await docs.innerText()).toContain('items');
  });

  it('follows a subscription until it is stopped', async () => {
    const feed = createFeed();
    await using app = startApp(makeSupply(makeFeedGeneration('g1', feed)), {
      graphiql: { defaultQuery: 'subscription Follow { ticks { id price } }' },
    });
    const { url } = await app.listen();
    const other = await browser.newPage();
    const seen: string[] = [];
    other.on('pageerror', (error) => seen.push(error.message));
    await other.goto(`${url}/graphql`, { waitUntil: 'load' });
    await other.locator('.graphiql-tab', { hasText: 'Follow' }).waitFor();
    await other.locator('.graphiql-execute-button').click();
    await until(() => feed.open() === 1);
    for (const [id, price] of [
      ['first', 1],
      ['second', 2],
    ] as const) {
      feed.streams[0]?.push({ id, price });
      await other.locator('.result-window .view-lines', { hasText: id }).waitFor();
    }
    // The same button stops it.
    await other.locator('.graphiql-execute-button').click();
    await until(() => feed.open() === 0);
    expect(seen).toEqual([]);
    await other.close();
  });

  it('asked nobody but the gateway, and nothing went wrong in the page', () => {
    expect(elsewhere).toEqual([]);
    expect(faults).toEqual([]);
  });
});
