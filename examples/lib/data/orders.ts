import { createRandom, type Random } from '../random.ts';
import {
  COUNTS,
  customerId,
  DAY_MS,
  HOUR_MS,
  instant,
  orderId,
  productId,
  SHOP_NOW_MS,
  SHOP_OPENED_MS,
  unitPriceCents,
} from './facts.ts';

export type OrderStatus = 'pending' | 'paid' | 'in-transit' | 'delivered' | 'cancelled';

export type OrderItem = { productId: string; quantity: number; unitPriceCents: number };

export type Money = { amountCents: number; currency: string };

export type PaymentMethod =
  | { kind: 'card'; brand: string; lastFour: string }
  | { kind: 'invoice'; invoiceNumber: string; dueDays: number };

export type Order = {
  id: string;
  customerId: string;
  status: OrderStatus;
  items: OrderItem[];
  total: Money;
  payment: PaymentMethod;
  note: string | null;
  placedAt: string;
  legacyReference?: string;
};

export type OrderEvent = { at: string; status: OrderStatus };

const NOTES = [
  'Please ring twice',
  'Leave it with the neighbours',
  'It is a gift, no invoice inside',
  'Back door, please',
];
const BRANDS = ['Maestro', 'Visa', 'Mastercard'];

/** All orders, oldest first; the same rows on every call. */
export function createOrders(): Order[] {
  const random = createRandom(2002);
  const stepMs = (SHOP_NOW_MS - SHOP_OPENED_MS - DAY_MS) / COUNTS.orders;
  return Array.from({ length: COUNTS.orders }, (_, index) => {
    const number = index + 1;
    const placedAtMs = Math.floor(SHOP_OPENED_MS + stepMs * number);
    const items = createItems(random);
    return {
      id: orderId(number),
      customerId: customerId(random.integer(1, COUNTS.customers)),
      status: statusOf(SHOP_NOW_MS - placedAtMs, random),
      items,
      total: totalOf(items),
      payment: createPayment(number, random),
      note: random.chance(0.25) ? random.pick(NOTES) : null,
      placedAt: instant(placedAtMs),
      ...(number <= 500 ? { legacyReference: `A-${100_000 + number}` } : {}),
    };
  });
}

/** What the lines of an order cost together. */
export function totalOf(items: readonly OrderItem[]): Money {
  return { amountCents: items.reduce((sum, item) => sum + item.quantity * item.unitPriceCents, 0), currency: 'EUR' };
}

/** The states an order went through, oldest first, read off its present state. */
export function timelineOf(order: Order): OrderEvent[] {
  const path: OrderStatus[] =
    order.status === 'cancelled' ? ['pending', 'cancelled'] : ['pending', 'paid', 'in-transit', 'delivered'];
  const placedAtMs = Date.parse(order.placedAt);
  return path
    .slice(0, path.indexOf(order.status) + 1)
    .map((status, step) => ({ at: instant(placedAtMs + step * 7 * HOUR_MS), status }));
}

function createItems(random: Random): OrderItem[] {
  const numbers = new Set<number>();
  for (let wanted = random.integer(1, 4); wanted > 0; wanted -= 1) {
    numbers.add(random.integer(1, COUNTS.products));
  }
  return Array.from(numbers, (number) => ({
    productId: productId(number),
    quantity: random.integer(1, 3),
    unitPriceCents: unitPriceCents(number),
  }));
}

function statusOf(ageMs: number, random: Random): OrderStatus {
  if (random.chance(0.05)) {
    return 'cancelled';
  }
  // Each state has had the time it takes: nothing is handed over before it could have arrived.
  if (ageMs < 3 * DAY_MS) {
    return ageMs < 8 * HOUR_MS || random.chance(0.4) ? 'pending' : 'paid';
  }
  return ageMs < 9 * DAY_MS || (ageMs < 21 * DAY_MS && random.chance(0.7)) ? 'in-transit' : 'delivered';
}

function createPayment(number: number, random: Random): PaymentMethod {
  return random.chance(0.7)
    ? { kind: 'card', brand: random.pick(BRANDS), lastFour: String(random.integer(0, 9999)).padStart(4, '0') }
    : { kind: 'invoice', invoiceNumber: `INV-${String(number).padStart(6, '0')}`, dueDays: random.pick([14, 30, 60]) };
}
