import { createHash } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { createChanges } from '../lib/changes.ts';
import { createShipments } from '../lib/data/shipments.ts';
import { createStock, createWarehouses, type StockLevel, statusOf } from '../lib/data/stock.ts';
import { type GrpcHandlers, GrpcProblem, type GrpcStreams, startGrpcServer } from '../lib/grpc/server.ts';
import type { Message } from '../lib/grpc/service.ts';
import type { RunningServer } from '../lib/running-server.ts';
import { createTable } from '../lib/table.ts';

/** How many keys one batch may hold, as the proto says. */
const MAX_KEYS = 500;

/**
 * Starts the inventory service: stock, warehouses and shipments over gRPC, by `sources/inventory/inventory.proto`.
 * `url` is `host:port`. Reservations live until the server stops.
 *
 * @param options `port` 0 takes a free one (default 0); `host` defaults to 127.0.0.1
 */
export async function startInventory(options: { port?: number; host?: string } = {}): Promise<RunningServer> {
  const { handlers, streams } = createHandlers();
  return await startGrpcServer({
    proto: new URL('../../sources/inventory/inventory.proto', import.meta.url),
    service: 'inventory.v1.Inventory',
    handlers,
    streams,
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
  });
}

function createHandlers(): { handlers: GrpcHandlers; streams: GrpcStreams } {
  const warehouses = createTable(createWarehouses(), {
    id: (row) => row.id,
    indexes: { country: (row) => row.country },
  });
  const stock = createTable<StockLevel, 'productId'>(createStock(), {
    id: (row) => stockKey(row.productId, row.warehouseId),
    indexes: { productId: (row) => row.productId },
  });
  const shipments = createTable(createShipments(), { id: (row) => row.id, indexes: { orderId: (row) => row.orderId } });

  const changes = createChanges<StockLevel>();

  function toMessage(level: StockLevel): Message {
    return {
      ...level,
      warehouse: warehouses.get(level.warehouseId),
      status: statusOf(level),
      shelf: level.bins[0],
    };
  }

  function getLevel(productId: string, warehouseId: string): StockLevel {
    const found =
      warehouseId === ''
        ? stock.by('productId', [productId]).sort((left, right) => Number(right.onHand - left.onHand))[0]
        : stock.get(stockKey(productId, warehouseId));
    if (found === undefined) {
      throw new GrpcProblem(status.NOT_FOUND, `There is no stock of ${productId} in ${warehouseId || 'any warehouse'}`);
    }
    return found;
  }

  async function* watchStock(productId: string, signal: AbortSignal): AsyncIterable<Message> {
    const levels = stock.by('productId', [productId]);
    if (levels.length === 0) {
      throw new GrpcProblem(status.NOT_FOUND, `There is no stock of ${productId}`);
    }
    const later = changes.follow(signal);
    yield* levels.map(toMessage);
    for await (const level of later) {
      if (level.productId === productId) {
        yield toMessage(level);
      }
    }
  }

  const handlers: GrpcHandlers = {
    GetStock: (request) => toMessage(getLevel(text(request, 'productId'), text(request, 'warehouseId'))),
    BatchGetStock: (request) => ({ stocks: stock.by('productId', keys<string>(request, 'productIds')).map(toMessage) }),
    BatchGetStockAt: (request) => {
      const pairs = keys<Message>(request, 'keys');
      const ids = pairs.map((pair) => stockKey(text(pair, 'productId'), text(pair, 'warehouseId')));
      return { stocks: stock.byIds(ids).map(toMessage) };
    },
    ListWarehouses: (request) => {
      const country = text(request, 'country');
      return { warehouses: country === '' ? warehouses.all() : warehouses.by('country', [country]) };
    },
    ReserveStock: (request) => {
      const level = getLevel(text(request, 'productId'), text(request, 'warehouseId'));
      const quantity = BigInt(text(request, 'quantity') || '0');
      if (quantity < 1n) {
        throw new GrpcProblem(status.INVALID_ARGUMENT, 'quantity is below one');
      }
      if (level.onHand - level.reserved < quantity) {
        throw new GrpcProblem(status.FAILED_PRECONDITION, `Fewer than ${quantity} pieces are free`);
      }
      const after = {
        ...level,
        reserved: level.reserved + quantity,
        // The ledger books each reservation; the number goes up by a step that shows in the last digits.
        ledgerSequence: level.ledgerSequence + 2n,
      };
      stock.put(after);
      changes.publish(after);
      const receipt = `${text(request, 'orderId')}:${stockKey(after.productId, after.warehouseId)}:${after.ledgerSequence}`;
      return { reservationToken: createHash('sha256').update(receipt).digest(), stock: toMessage(after) };
    },
    GetShipment: (request) => {
      const id = text(request, 'shipmentId');
      const found = shipments.get(id);
      if (found === undefined) {
        throw new GrpcProblem(status.NOT_FOUND, `There is no shipment ${id}`);
      }
      return found;
    },
    BatchGetShipments: (request) => ({ shipments: shipments.by('orderId', keys<string>(request, 'orderIds')) }),
  };
  const streams: GrpcStreams = {
    WatchStock: (request, signal) => watchStock(text(request, 'productId'), signal),
  };
  return { handlers, streams };
}

function stockKey(productId: string, warehouseId: string): string {
  return `${productId}@${warehouseId}`;
}

/** A text field; proto3 leaves out what is empty. */
function text(message: Message, field: string): string {
  return String(message[field] ?? '');
}

/** A repeated field that holds the keys of a batch; the proto gives the type of its values. */
function keys<Key>(message: Message, field: string): Key[] {
  const found = (message[field] ?? []) as Key[];
  if (found.length > MAX_KEYS) {
    throw new GrpcProblem(status.INVALID_ARGUMENT, `${field} holds more than ${MAX_KEYS} keys`);
  }
  return found;
}
