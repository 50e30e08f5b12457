import { status } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startInventory } from '../../examples/inventory/server.ts';
import type { RunningServer } from '../../examples/lib/running-server.ts';
import { connectInventory, type InventoryClient } from './clients.ts';

let server: RunningServer;
let inventory: InventoryClient;

beforeAll(async () => {
  server = await startInventory();
  inventory = await connectInventory(server.url);
});

afterAll(async () => {
  inventory[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

beforeEach(() => {
  server.calls.reset();
  server.faults.clear();
});

test('64-bit integers, bytes, enums and nested messages arrive exactly', async () => {
  const stock = await inventory.call('GetStock', { productId: 'prd_0001', warehouseId: 'wh_rtm' });
  expect(stock).toMatchObject({
    productId: 'prd_0001',
    warehouseId: 'wh_rtm',
    warehouse: { id: 'wh_rtm', city: 'Rotterdam', capacityCm3: '18400000000' },
    // 2^53 + 1 and the number of the row: a JavaScript number would end in 4.
    ledgerSequence: '9007199254741004',
    status: expect.stringMatching(/^STOCK_STATUS_(IN_STOCK|LOW|SOLD_OUT)$/),
  });
  const checksum = stock['countChecksum'] as Buffer;
  expect([...checksum.subarray(0, 4)]).toEqual([0, 0xff, 1, 1]);
  expect(checksum).toHaveLength(6);
  expect(stock['shelf']).toBe((stock['bins'] as string[])[0]);
});

test('the bytes on the wire hold an odd number above 2^53', async () => {
  const { path, requestSerialize } = inventory.service['ListWarehouses'] ?? {};
  if (path === undefined || requestSerialize === undefined) {
    throw new Error('the proto has no ListWarehouses');
  }
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    inventory.client.makeUnaryRequest(
      path,
      requestSerialize,
      (raw: Buffer) => raw,
      { country: 'BE' },
      (error, raw) => (error === null && raw !== undefined ? resolve(raw) : reject(error)),
    );
  });
  // Read by hand: the first field is a warehouse, its fifth the capacity.
  const outer = protobuf.Reader.create(bytes);
  expect(outer.uint32() >>> 3).toBe(1);
  const end = outer.uint32() + outer.pos;
  const fields: Record<number, string> = {};
  while (outer.pos < end) {
    const tag = outer.uint32();
    fields[tag >>> 3] = (tag & 7) === 0 ? String(outer.uint64()) : outer.string();
  }
  expect(end).toBe(bytes.length);
  expect(fields).toEqual({ 1: 'wh_gnt', 2: 'Ghent Canal', 3: 'Ghent', 4: 'BE', 5: '9007199254740995' });
});

test('an optional field that is not there is not zero', async () => {
  const { stocks } = await inventory.call('BatchGetStock', {
    productIds: ['prd_0001', 'prd_0002', 'prd_0003', 'prd_0005', 'prd_0006'],
  });
  const announced = (stocks as Array<{ announced?: number }>).map((row) => row.announced);
  expect(announced).toContain(undefined);
  expect(announced.some((pieces) => pieces !== undefined && pieces > 0)).toBe(true);
});

test('without a warehouse the one that holds most answers', async () => {
  const { stocks } = await inventory.call('BatchGetStock', { productIds: ['prd_0002'] });
  const most = Math.max(...(stocks as Array<{ onHand: string }>).map((row) => Number(row.onHand ?? '0')));
  expect(await inventory.call('GetStock', { productId: 'prd_0002' })).toMatchObject({ onHand: String(most) });
});

test('a reservation changes the stock and is refused when too little is free', async () => {
  const key = { productId: 'prd_0003', warehouseId: 'wh_gnt' };
  const before = await inventory.call('GetStock', key);
  const reserved = await inventory.call('ReserveStock', { ...key, quantity: '2', orderId: 'ord_00001' });
  expect(reserved['reservationToken']).toHaveLength(32);
  expect(reserved['stock']).toMatchObject({ reserved: String(BigInt(String(before['reserved'])) + 2n) });
  const tooMany = inventory.call('ReserveStock', { ...key, quantity: '9007199254740993', orderId: 'ord_00001' });
  await expect(tooMany).rejects.toMatchObject({
    code: status.FAILED_PRECONDITION,
    details: 'Fewer than 9007199254740993 pieces are free',
  });
  await expect(inventory.call('ReserveStock', key)).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
});

test('what does not exist is NOT_FOUND', async () => {
  const stock = inventory.call('GetStock', { productId: 'prd_0050' });
  await expect(stock).rejects.toMatchObject({ code: status.NOT_FOUND, details: /prd_0050/ });
  await expect(inventory.call('GetShipment', { shipmentId: 'x' })).rejects.toMatchObject({ code: status.NOT_FOUND });
});

test('stock can be followed: what there is, then what changes, until the client leaves', async () => {
  const { path, requestSerialize, responseDeserialize } = inventory.service['WatchStock'] ?? {};
  if (path === undefined || requestSerialize === undefined || responseDeserialize === undefined) {
    throw new Error('the proto has no WatchStock');
  }
  const watch = (productId: string) =>
    inventory.client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { productId });
  const { stocks } = await inventory.call('BatchGetStock', { productIds: ['prd_0007'] });
  const rows = stocks as Array<{ warehouseId: string; reserved?: string }>;
  const call = watch('prd_0007');
  const ended = new Promise((resolve) => call.once('error', resolve));
  const messages = call[Symbol.asyncIterator]();
  for (const row of rows) {
    expect((await messages.next()).value).toEqual(row);
  }
  const [{ warehouseId, reserved = '0' } = { warehouseId: '' }] = rows;
  await inventory.call('ReserveStock', { productId: 'prd_0007', warehouseId, quantity: '1', orderId: 'ord_00001' });
  expect((await messages.next()).value).toMatchObject({ warehouseId, reserved: String(BigInt(reserved) + 1n) });
  call.cancel();
  expect(await ended).toMatchObject({ code: status.CANCELLED });
  await server.calls.until((calls) => calls.cancelled() === 1);
  const none = watch('prd_0050');
  expect(await new Promise((resolve) => none.once('error', resolve))).toMatchObject({ code: status.NOT_FOUND });
});

test('a shipment holds its parcel, its lines and its label', async () => {
  const shipment = await inventory.call('GetShipment', { shipmentId: 'shp_00001' });
  expect(shipment).toMatchObject({
    id: 'shp_00001',
    orderId: expect.stringMatching(/^ord_/),
    parcel: { weightGrams: expect.stringMatching(/^\d+$/) },
    deliveredAtMs: expect.stringMatching(/^17\d{11}$/),
  });
  expect(shipment['labelCode']).toHaveLength(12);
  expect((shipment['lines'] as unknown[]).length).toBeGreaterThan(0);
});

test('calls are counted with message and metadata', async () => {
  await inventory.call('ListWarehouses', { country: 'NL' }, { metadata: { 'x-request-id': 'r1' } });
  await inventory.call('ListWarehouses', {});
  expect(server.calls.byOperation()).toEqual({ ListWarehouses: 2 });
  expect(server.calls.list()[0]).toMatchObject({
    operation: 'ListWarehouses',
    input: { country: 'NL' },
    headers: { 'x-request-id': 'r1' },
    cancelled: false,
  });
  expect(server.calls.cancelled()).toBe(0);
});

test.each([
  ['a delayed call', { 'x-delay-ms': '60000' }],
  ['a hanging call', { 'x-fault': 'hang' }],
])('the server notices that the client cancels %s', async (_, metadata) => {
  const call = inventory.start('ListWarehouses', {}, { metadata });
  await server.calls.until((calls) => calls.total() === 1);
  call.cancel();
  expect(await call.failed).toMatchObject({ code: status.CANCELLED });
  await server.calls.until((calls) => calls.cancelled() === 1);
  expect(server.calls.list()).toMatchObject([{ operation: 'ListWarehouses', cancelled: true }]);
});

test('a deadline that passes counts as cancelled', async () => {
  const call = inventory.call('ListWarehouses', {}, { metadata: { 'x-fault': 'hang' }, deadlineMs: 50 });
  await expect(call).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
  await server.calls.until((calls) => calls.cancelled() === 1);
});

test('a setting holds for so many calls of its method', async () => {
  server.faults.set('ListWarehouses', { fault: 'code:UNAVAILABLE', times: 1 });
  await expect(inventory.call('ListWarehouses', {})).rejects.toMatchObject({ code: status.UNAVAILABLE });
  expect(await inventory.call('ListWarehouses', {})).toMatchObject({ warehouses: { length: 4 } });
});

test.each([
  { 'x-fault': 'status:503' },
  { 'x-fault': 'code:OK' },
  { 'x-fault': 'code:NOPE' },
  { 'x-delay-ms': 'soon' },
])('%j means nothing and is refused', async (metadata) => {
  const call = inventory.call('ListWarehouses', {}, { metadata });
  await expect(call).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
});

test('the server stops while a call hangs', async () => {
  const other = await startInventory();
  using client = await connectInventory(other.url);
  const call = client.start('ListWarehouses', {}, { metadata: { 'x-fault': 'hang' } });
  await other.calls.until((calls) => calls.total() === 1);
  await other[Symbol.asyncDispose]();
  expect([status.CANCELLED, status.UNAVAILABLE]).toContain((await call.failed).code);
});
