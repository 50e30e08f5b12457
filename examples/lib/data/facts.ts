import { createRandom } from '../random.ts';

/**
 * What the services know of each other: how ids look, how many there are, what things cost.
 * Real services share nothing but ids; the generators share these facts so that the ids of one lead to rows of another.
 */
export const COUNTS = { customers: 400, orders: 2000, products: 250, reviews: 1500 } as const;

/** The instant the data was frozen at, in milliseconds since 1970. */
export const SHOP_NOW_MS = Date.UTC(2026, 2, 1, 12);

/** The first day of the shop, in milliseconds since 1970. */
export const SHOP_OPENED_MS = Date.UTC(2024, 0, 1, 8);

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Just above 2^53: numbers that do not survive a trip through a JavaScript number. */
export const BEYOND_SAFE_INTEGER = 9_007_199_254_740_993n;

export function customerId(number: number): string {
  return `cus_${String(number).padStart(4, '0')}`;
}

export function orderId(number: number): string {
  return `ord_${String(number).padStart(5, '0')}`;
}

export function productId(number: number): string {
  return `prd_${String(number).padStart(4, '0')}`;
}

export function reviewId(number: number): string {
  return `rev_${String(number).padStart(5, '0')}`;
}

export function pictureId(number: number): string {
  return `pic_${String(number).padStart(5, '0')}`;
}

export function shipmentId(number: number): string {
  return `shp_${String(number).padStart(5, '0')}`;
}

export function categoryId(number: number): string {
  return `cat_${String(number).padStart(2, '0')}`;
}

/** Whether the customer asked to be forgotten: orders and reviews still name them, the row is gone. */
export function isForgottenCustomer(number: number): boolean {
  return number % 89 === 0;
}

/** Whether the product was taken off the shop: old orders still name it, the row is gone. */
export function isRetiredProduct(number: number): boolean {
  return number % 97 === 0;
}

/** Price of one piece in cents. Orders remember it, the catalog states it. */
export function unitPriceCents(productNumber: number): number {
  const random = createRandom(productNumber * 7919);
  return random.integer(3, 240) * 100 - random.integer(1, 5);
}

/** Which warehouses (0 to 3) keep the product. Every fiftieth product is kept nowhere, the others in three of four. */
export function warehousesOf(productNumber: number): number[] {
  return productNumber % 50 === 0 ? [] : [0, 1, 2, 3].filter((warehouse) => (productNumber + warehouse) % 4 !== 0);
}

/** An instant as RFC 3339 text in UTC. */
export function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** A clock that starts when the data was frozen and goes on by one second with each reading: rows made later stay the same on every run. */
export function createShopClock(): () => string {
  let now = SHOP_NOW_MS;
  return () => {
    now += 1000;
    return instant(now);
  };
}
