import { createRandom, type Random } from '../random.ts';
import { DAY_MS, HOUR_MS, instant, shipmentId, warehousesOf } from './facts.ts';
import { createOrders, type Order } from './orders.ts';
import { warehouseId } from './stock.ts';

export type ShipmentStatus = 'SHIPMENT_STATUS_PACKING' | 'SHIPMENT_STATUS_IN_TRANSIT' | 'SHIPMENT_STATUS_DELIVERED';

export type ShipmentLine = { productId: string; warehouseId: string; quantity: number };

export type Shipment = {
  id: string;
  orderId: string;
  status: ShipmentStatus;
  carrier: string;
  trackingNumber: string;
  parcel: { weightGrams: bigint; lengthMm: number; widthMm: number; heightMm: number };
  lines: ShipmentLine[];
  labelCode: Uint8Array;
  shippedAt: string;
  deliveredAtMs?: bigint;
};

const CARRIERS = ['Bluebird Post', 'Harbour Express', 'Pedal & Co'];

/** All shipments; orders that are pending or cancelled have none, others one to three. The same rows on every call. */
export function createShipments(): Shipment[] {
  const random = createRandom(6006);
  const shipments: Shipment[] = [];
  for (const order of createOrders()) {
    const status = statusOf(order, random);
    if (status === undefined) {
      continue;
    }
    const parcels = Math.min(order.items.length, random.pick([1, 1, 1, 2, 2, 3]));
    for (let parcel = 0; parcel < parcels; parcel += 1) {
      shipments.push(createShipment(shipments.length + 1, order, status, linesOf(order, parcel, parcels), random));
    }
  }
  return shipments;
}

function statusOf(order: Order, random: Random): ShipmentStatus | undefined {
  switch (order.status) {
    case 'delivered':
      return 'SHIPMENT_STATUS_DELIVERED';
    case 'in-transit':
      return 'SHIPMENT_STATUS_IN_TRANSIT';
    case 'paid':
      return random.chance(0.5) ? 'SHIPMENT_STATUS_PACKING' : undefined;
    case 'pending':
    case 'cancelled':
      return undefined;
  }
}

function linesOf(order: Order, parcel: number, parcels: number): ShipmentLine[] {
  return order.items
    .filter((_, index) => index % parcels === parcel)
    .map((item) => {
      const number = Number(item.productId.slice('prd_'.length));
      return {
        productId: item.productId,
        // What is kept nowhere came straight from the supplier and was booked through the first warehouse.
        warehouseId: warehouseId(warehousesOf(number)[0] ?? 0),
        quantity: item.quantity,
      };
    });
}

function createShipment(
  number: number,
  order: Order,
  status: ShipmentStatus,
  lines: ShipmentLine[],
  random: Random,
): Shipment {
  const shippedAtMs = Date.parse(order.placedAt) + random.integer(10, 60) * HOUR_MS;
  return {
    id: shipmentId(number),
    orderId: order.id,
    status,
    carrier: random.pick(CARRIERS),
    trackingNumber: `TR${String(random.integer(0, 999_999_999)).padStart(9, '0')}BE`,
    parcel: {
      weightGrams: BigInt(random.integer(120, 20_000)),
      lengthMm: random.integer(300, 900),
      widthMm: random.integer(150, 300),
      heightMm: random.integer(40, 150),
    },
    lines,
    labelCode: Uint8Array.from({ length: 12 }, () => random.integer(0, 255)),
    shippedAt: status === 'SHIPMENT_STATUS_PACKING' ? '' : instant(shippedAtMs),
    ...(status === 'SHIPMENT_STATUS_DELIVERED'
      ? { deliveredAtMs: BigInt(shippedAtMs + random.integer(1, 5) * DAY_MS) }
      : {}),
  };
}
