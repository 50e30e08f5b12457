/** The Swagger 2.0 service of the shop through the gateway: lists by comma, an upload, bytes, 64-bit integers, and joins both ways. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPictures } from '../../examples/lib/data/pictures.ts';
import { type Shop, startShop } from '../../examples/start.ts';
import { createEvents } from '../../gateway/observe/events.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { createMetrics } from '../../gateway/observe/metrics.ts';
import { openSupply, type Supply } from '../../gateway/registry/supply.ts';
import { type KitApp, readSettings, startApp } from '../kit/app.ts';
import { root } from '../repository.ts';

let shop: Shop;
let dir: string;
let supply: Supply;
let app: KitApp;

beforeAll(async () => {
  shop = await startShop({ ports: { orders: 0, catalog: 0, inventory: 0, gallery: 0 } });
  dir = await mkdtemp(join(tmpdir(), 'tributary-gallery-'));
  for (const name of ['.meshrc.yaml', 'sources', 'schemas'])
    await cp(join(root, name), join(dir, name), { recursive: true });
  const env = {
    ORDERS_ENDPOINT: shop.orders.url,
    CATALOG_ENDPOINT: shop.catalog.url,
    INVENTORY_ENDPOINT: shop.inventory.url,
    GALLERY_ENDPOINT: shop.gallery.url,
  };
  const log = createLog({ level: 'silent', pretty: 'off' });
  const events = createEvents({ log, metrics: createMetrics() });
  supply = await openSupply({ dir, env, config: readSettings({}), events, now: Date.now, watch: false });
  app = startApp(supply);
}, 120_000);

afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
  await supply?.[Symbol.asyncDispose]();
  await shop?.[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

async function ask(query: string, variables: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  const { body } = await app.query(query, { variables });
  expect(body.errors).toBeUndefined();
  return body.data as Record<string, unknown>;
}

it('joins pictures to products and products to pictures, in one call each', async () => {
  shop.gallery.calls.reset();
  shop.catalog.calls.reset();
  const { products } = await ask('{ products(limit: 30) { id pictures { id angle fingerprint product { id } } } }');
  const rows = products as {
    id: string;
    pictures: { id: string; angle: string; fingerprint: string; product: { id: string } }[];
  }[];
  const expected = groupPictures();
  for (const { id, pictures } of rows) {
    const sorted = [...pictures].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(sorted).toEqual(expected.get(id) ?? []);
  }
  expect(rows.some(({ pictures }) => pictures.length === 0)).toBe(true);
  expect(shop.gallery.calls.byOperation()).toEqual({ pictures: 1 });
  expect(shop.catalog.calls.byOperation()).toEqual({ products: 2 });
});

/** By product, as GraphQL shows them: enum values by name, 64-bit integers as text. */
function groupPictures(): Map<string, unknown[]> {
  const groups = new Map<string, unknown[]>();
  for (const { id, productId, angle, fingerprint } of createPictures()) {
    const shown = { id, angle: angle.replace('-', '_'), fingerprint: String(fingerprint), product: { id: productId } };
    groups.set(productId, [...(groups.get(productId) ?? []), shown]);
  }
  return groups;
}

it('uploads a picture as a form, gives its bytes back, changes and removes it', async () => {
  const bytes = Buffer.from(Array.from({ length: 300 }, (_, index) => index % 256));
  const { addPicture } = await ask(
    'mutation ($input: AddPictureInput!) { addPicture(input: $input) { id productId angle caption position byteCount } }',
    {
      input: {
        productId: 'prd_0020',
        file: bytes.toString('base64'),
        angle: 'close_up',
        caption: 'Née "à" Gand',
        position: 7,
      },
    },
  );
  const { id, ...made } = addPicture as { id: string };
  expect(made).toEqual({
    productId: 'prd_0020',
    angle: 'close_up',
    caption: 'Née "à" Gand',
    position: 7,
    byteCount: 300,
  });
  expect(await ask(`{ pictureFile(pictureId: "${id}") }`)).toEqual({ pictureFile: bytes.toString('base64') });
  expect(
    await ask(
      `mutation { updatePicture(pictureId: "${id}", input: { angle: size_chart, caption: null }) { angle caption position } }`,
    ),
  ).toEqual({ updatePicture: { angle: 'size_chart', caption: null, position: 7 } });
  await ask(`mutation { deletePicture(pictureId: "${id}") }`);
  const { body } = await app.query(`{ picture(pictureId: "${id}") { id } }`);
  expect(body.errors).toMatchObject([{ extensions: { code: 'UPSTREAM_REJECTED' } }]);
});
