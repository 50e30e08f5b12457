/** google.rpc.RetryInfo as bytes of all kinds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { statusFault } from '../../../gateway/connect/grpc/outcome.ts';
import { readRetryDelayMs } from '../../../gateway/connect/grpc/retry-info.ts';
import { any, message, statusOf, text, varint } from './status-bytes.ts';

const delay = (...fields: Buffer[]): Buffer => any('RetryInfo', [message(1, ...fields)]);
const other = any('ErrorInfo', [text(1, 'reason')]);

describe('a status that asks for a wait', () => {
  it.each([
    ['seconds', [delay(varint(1, 5))], 5000],
    // 1,000,000 ns.
    ['a part of a second', [delay(Buffer.from([0x10, 0xc0, 0x84, 0x3d]))], 1],
    ['both', [delay(varint(1, 1), Buffer.from([0x10, 0xc0, 0x84, 0x3d]))], 1001],
    ['it after others', [other, delay(varint(1, 2))], 2000],
    ['no time', [delay()], undefined],
    ['a time before now', [delay(Buffer.from([0x08, ...Array.from({ length: 9 }, () => 0xff), 0x01]))], undefined],
    ['something else', [other], undefined],
  ])('in %s', (_, details, ms) => {
    const bytes = statusOf('later', details);
    expect(readRetryDelayMs(bytes)).toBe(ms);
    const failure = { code: 8, name: 'RESOURCE_EXHAUSTED', error: new Error('later'), details: bytes };
    const fault = statusFault(failure, { source: 's', target: 't', path: '/p' });
    expect(fault.retryAfterMs).toBe(ms);
    // What clients are told is no less.
    expect(fault.headers).toEqual(ms === undefined ? undefined : { 'Retry-After': String(Math.ceil(ms / 1000)) });
  });

  it('or says nothing that can be read asks for nothing', () => {
    expect(readRetryDelayMs(undefined)).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect([undefined, 'number']).toContain(readRetryDelayMs(Buffer.from(bytes)) && 'number');
      }),
    );
    const whole = statusOf('later', [delay(varint(1, 5))]);
    for (let length = 0; length < whole.length; length += 1)
      expect(readRetryDelayMs(whole.subarray(0, length))).toBeUndefined();
  });
});
