/** Where a gRPC source is called, in every form of its target, is told to no client. */
import { expect, it } from 'vitest';
import { createDetailsReader } from '../../../gateway/connect/grpc/status-details.ts';
import { statusOf } from './status-bytes.ts';

it.each([
  ['stock:50051', 'no route to stock:50051'],
  ['stock:50051', 'GET http://stock/health failed'],
  ['dns:stock:50051', 'no route to stock:50051'],
  ['dns:///stock:50051', 'no route to stock:50051'],
  ['dns://8.8.8.8/stock.internal:50051', 'stock.internal is ill'],
  ['dns://8.8.8.8/stock.internal:50051', '8.8.8.8 does not know it'],
  ['ipv4:10.0.0.1:50051,10.0.0.2:50051', '10.0.0.2 is ill'],
  ['ipv6:[fd00::1]:50051', 'fd00::1 is ill'],
  ['[fd00::1]:50051', 'fd00::1 is ill'],
  ['unix:///run/stock.sock', 'run/stock.sock is gone'],
  ['unix:/run/stock', '/run/stock is gone'],
])('of %s never tells: %s', (target, text) => {
  const read = createDetailsReader(target);
  const failure = { code: 3, name: 'INVALID_ARGUMENT', error: new Error('x') };
  expect(read({ ...failure, details: statusOf(text, []) }, new Map())).toEqual({ code: 3, details: [] });
  expect(read({ ...failure, details: statusOf('no stock today', []) }, new Map())).toHaveProperty('message');
});
