import { at, createRandom } from '../random.ts';
import {
  BEYOND_SAFE_INTEGER,
  COUNTS,
  DAY_MS,
  HOUR_MS,
  isRetiredProduct,
  productId,
  SHOP_NOW_MS,
  warehousesOf,
} from './facts.ts';

/** 64-bit integers are bigint here and text on their way into a message: neither rounds. */
export type Warehouse = { id: string; name: string; city: string; country: string; capacityCm3: bigint };

export type StockStatus = 'STOCK_STATUS_IN_STOCK' | 'STOCK_STATUS_LOW' | 'STOCK_STATUS_SOLD_OUT';

export type StockLevel = {
  productId: string;
  warehouseId: string;
  onHand: bigint;
  reserved: bigint;
  bins: string[];
  ledgerSequence: bigint;
  countChecksum: Uint8Array;
  countedAtMs: bigint;
  announced?: number;
};

const WAREHOUSES: readonly Warehouse[] = [
  { id: 'wh_gnt', name: 'Ghent Canal', city: 'Ghent', country: 'BE', capacityCm3: 9_007_199_254_740_995n },
  { id: 'wh_rtm', name: 'Rotterdam Quay', city: 'Rotterdam', country: 'NL', capacityCm3: 18_400_000_000n },
  { id: 'wh_lej', name: 'Leipzig North', city: 'Leipzig', country: 'DE', capacityCm3: 12_750_000_000n },
  { id: 'wh_opo', name: 'Porto Hill', city: 'Porto', country: 'PT', capacityCm3: 6_200_000_000n },
];

/** All warehouses by number (0 to 3). */
export function createWarehouses(): readonly Warehouse[] {
  return WAREHOUSES;
}

/** Id of a warehouse by number (0 to 3); throws a RangeError for another. */
export function warehouseId(number: number): string {
  return at(WAREHOUSES, number).id;
}

/** How much of each product lies where, by product and warehouse; the same rows on every call. */
export function createStock(): StockLevel[] {
  const random = createRandom(5005);
  const levels: StockLevel[] = [];
  for (let number = 1; number <= COUNTS.products; number += 1) {
    for (const warehouse of isRetiredProduct(number) ? [] : warehousesOf(number)) {
      const onHand = random.chance(0.08) ? 0 : random.integer(1, 400);
      levels.push({
        productId: productId(number),
        warehouseId: warehouseId(warehouse),
        onHand: BigInt(onHand),
        reserved: BigInt(Math.min(onHand, random.integer(0, 30))),
        bins: Array.from(
          { length: random.integer(1, 3) },
          () => `${random.pick(['A', 'B', 'C'])}${random.integer(1, 60)}`,
        ),
        ledgerSequence: BEYOND_SAFE_INTEGER + BigInt(number * 10 + warehouse),
        countChecksum: Uint8Array.of(0, 0xff, number & 0xff, warehouse, random.integer(0, 255), 0x80),
        countedAtMs: BigInt(SHOP_NOW_MS - random.integer(1, 90) * DAY_MS + random.integer(0, 23) * HOUR_MS),
        ...(random.chance(0.3) ? { announced: random.integer(10, 200) } : {}),
      });
    }
  }
  return levels;
}

/** What the numbers mean for a buyer. */
export function statusOf(level: Pick<StockLevel, 'onHand' | 'reserved'>): StockStatus {
  const free = level.onHand - level.reserved;
  if (free <= 0n) {
    return 'STOCK_STATUS_SOLD_OUT';
  }
  return free < 10n ? 'STOCK_STATUS_LOW' : 'STOCK_STATUS_IN_STOCK';
}
