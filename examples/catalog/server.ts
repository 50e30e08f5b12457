import { createShopClock, productId, reviewId } from '../lib/data/facts.ts';
import { type Condition, createCategories, createProducts, type Product } from '../lib/data/products.ts';
import { createReviews, type Review } from '../lib/data/reviews.ts';
import { notFound } from '../lib/rest/problem.ts';
import { type RestHandlers, startRestServer } from '../lib/rest/server.ts';
import type { RunningServer } from '../lib/running-server.ts';
import { createTable } from '../lib/table.ts';

type Page = { limit: number; offset: number };

type NewProduct = Pick<Product, 'sku' | 'name' | 'categoryId' | 'price' | 'condition'> &
  Partial<Pick<Product, 'description' | 'tags' | 'dimensions'>>;

type NewReview = Pick<Review, 'productId' | 'customerId' | 'rating' | 'title'> & { body?: string | null };

type Rating = { average: number | null; count: number };

/**
 * Starts the catalog service: products, categories and reviews over REST, by `sources/catalog/openapi.json`.
 * What callers write lives until the server stops.
 *
 * @param options `port` 0 takes a free one (default 0); `host` defaults to 127.0.0.1
 */
export async function startCatalog(options: { port?: number; host?: string } = {}): Promise<RunningServer> {
  return await startRestServer({
    contract: new URL('../../sources/catalog/openapi.json', import.meta.url),
    handlers: createHandlers(),
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
  });
}

function createHandlers(): RestHandlers {
  const now = createShopClock();
  const categories = createTable(createCategories(), { id: (row) => row.id, indexes: {} });
  const products = createTable<Product, never>(createProducts(), { id: (row) => row.id, indexes: {} });
  const reviews = createTable<Review, 'productId' | 'customerId'>(createReviews(), {
    id: (row) => row.id,
    indexes: { productId: (row) => row.productId, customerId: (row) => row.customerId },
  });
  let nextProduct = 1001;
  let nextReview = 10_001;

  function withRating(product: Product): Product & { rating: Rating } {
    return { ...product, rating: ratingOf(reviews.by('productId', [product.id])) };
  }

  function getProduct(id: string | undefined): Product {
    const found = products.get(id ?? '');
    if (found === undefined) {
      throw notFound('product', id ?? '');
    }
    return found;
  }

  function getReview(id: string | undefined): Review {
    const found = reviews.get(id ?? '');
    if (found === undefined) {
      throw notFound('review', id ?? '');
    }
    return found;
  }

  return {
    products: ({ query }) => {
      const { ids, categoryId, condition, search, maxPriceCents, limit, offset } = query as Page & {
        ids?: string[];
        categoryId?: string;
        condition?: Condition;
        search?: string;
        maxPriceCents?: number;
      };
      const text = search?.toLowerCase();
      const rows = (ids === undefined ? products.all() : products.byIds(ids)).filter(
        (row) =>
          (categoryId === undefined || row.categoryId === categoryId) &&
          (condition === undefined || row.condition === condition) &&
          (text === undefined || row.name.toLowerCase().includes(text)) &&
          (maxPriceCents === undefined || row.price.amountCents <= maxPriceCents),
      );
      return { status: 200, body: (ids === undefined ? rows.slice(offset, offset + limit) : rows).map(withRating) };
    },
    product: ({ path }) => ({ status: 200, body: withRating(getProduct(path['productId'])) }),
    createProduct: ({ body }) => {
      const input = body as NewProduct;
      const product: Product = {
        ...input,
        id: productId(nextProduct),
        description: input.description ?? null,
        tags: input.tags ?? [],
        dimensions: input.dimensions ?? { widthMm: 100, heightMm: 100, depthMm: 100, weightGrams: 500 },
        attributes: {},
        unitsSold: 0,
        createdAt: now(),
      };
      nextProduct += 1;
      products.put(product);
      return { status: 201, body: withRating(product) };
    },
    updateProduct: ({ path, body }) => {
      const product = { ...getProduct(path['productId']), ...(body as Partial<Product>) };
      products.put(product);
      return { status: 200, body: withRating(product) };
    },
    deleteProduct: ({ path }) => {
      products.remove(getProduct(path['productId']).id);
      return { status: 204 };
    },
    bestsellers: () => {
      const rows = products.all().sort((left, right) => right.unitsSold - left.unitsSold);
      return { status: 200, body: rows.slice(0, 10).map(withRating) };
    },
    categories: ({ query }) => {
      const { ids } = query as { ids?: string[] };
      return { status: 200, body: ids === undefined ? categories.all() : categories.byIds(ids) };
    },
    category: ({ path }) => {
      const id = path['categoryId'] ?? '';
      const found = categories.get(id);
      if (found === undefined) {
        throw notFound('category', id);
      }
      return { status: 200, body: found };
    },
    reviews: ({ query }) => {
      const { productIds, customerIds, minRating, limit, offset } = query as Page & {
        productIds?: string[];
        customerIds?: string[];
        minRating?: number;
      };
      const found = productIds
        ? reviews.by('productId', productIds)
        : customerIds && reviews.by('customerId', customerIds);
      const rows = (found ?? reviews.all().reverse()).filter(
        (row) =>
          (customerIds === undefined || customerIds.includes(row.customerId)) &&
          (minRating === undefined || row.rating >= minRating),
      );
      return { status: 200, body: found === undefined ? rows.slice(offset, offset + limit) : rows };
    },
    createReview: ({ body }) => {
      const input = body as NewReview;
      const review: Review = {
        ...input,
        id: reviewId(nextReview),
        productId: getProduct(input.productId).id,
        body: input.body ?? null,
        verified: false,
        createdAt: now(),
      };
      nextReview += 1;
      reviews.put(review);
      return { status: 201, body: review };
    },
    review: ({ path }) => ({ status: 200, body: getReview(path['reviewId']) }),
    deleteReview: ({ path }) => {
      reviews.remove(getReview(path['reviewId']).id);
      return { status: 204 };
    },
  };
}

function ratingOf(reviews: readonly Review[]): Rating {
  const stars = reviews.reduce((sum, review) => sum + review.rating, 0);
  return {
    average: reviews.length === 0 ? null : Math.round((stars / reviews.length) * 100) / 100,
    count: reviews.length,
  };
}
