/** GraphiQL as a person meets it: opened in a browser without any network, a query typed and run, the docs read. */
import { existsSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KitApp } from '../kit/app.ts';
import { startApp } from '../kit/app.ts';
import { makeGeneration, makeSchema, makeSupply } from '../kit/fixed-supply.ts';

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

const sdl = `
  type Query { "Orders, newest first." orders(limit: Int): [Order!]! }
  type Order { id: ID! "Who pays." customer: Customer! }
  type Customer { name: String! }
`;

describe.skipIf(executablePath === undefined)('GraphiQL in a browser', () => {
  let app: KitApp;
  let browser: Browser;
  let page: Page;
  let origin = '';
  const elsewhere: string[] = [];
  const faults: string[] = [];

  beforeAll(async () => {
    const schema = makeSchema(sdl, {
      Query: { orders: () => [{ id: 'o-1' }, { id: 'o-2' }] },
      Order: { customer: (order) => ({ name: `customer of ${(order as { id: string }).id}` }) },
    });
    app = startApp(makeSupply(makeGeneration('g1', schema)));
    origin = (await app.listen()).url;
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
  });

  afterAll(async () => {
    await browser?.close();
    await app?.[Symbol.asyncDispose]();
  });

  const shown = (selector: string) => page.locator(selector).innerText();
  const result = async (text: string) => {
    await page.locator('.result-window .view-lines', { hasText: text }).waitFor();
    // Monaco writes non-breaking spaces.
    return (await shown('.result-window .view-lines')).replaceAll('\u00a0', ' ');
  };

  it('opens with an example query that runs as it stands', async () => {
    expect((await shown('.graphiql-query-editor .view-lines')).replaceAll('\u00a0', ' ')).toContain('query Example');
    await page.locator('.graphiql-execute-button').click();
    expect(await result('customer of o-2')).not.toContain('errors');
  });

  it('runs a query that is typed', async () => {
    await page.locator('.graphiql-query-editor .view-lines').click();
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Backspace');
    await page.keyboard.type('query Typed { orders { mine: id customer { name } } }');
    // The tab is named after the operation as soon as the editor has understood it.
    await page.locator('.graphiql-tab', { hasText: 'Typed' }).waitFor();
    await page.keyboard.press('Control+Enter');
    const text = await result('mine');
    expect(text).toContain('"mine": "o-1"');
    expect(text).toContain('"name": "customer of o-1"');
  });

  it('shows the docs of the schema', async () => {
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    const docs = page.locator('.graphiql-doc-explorer');
    await docs.getByText('Query', { exact: true }).first().click();
    await docs.getByText('Orders, newest first.').waitFor();
    expect(await docs.innerText()).toContain('orders');
  });

  it('asked nobody but the gateway, and nothing went wrong in the page', () => {
    expect(elsewhere).toEqual([]);
    expect(faults).toEqual([]);
  });
});
