import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutAnswer } from '../../bench/load/response.ts';

function sized(body: string, extra = ''): Buffer {
  return Buffer.from(`HTTP/1.1 200 OK\r\n${extra}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

function chunked(...chunks: string[]): Buffer {
  const lines = chunks.map((chunk) => `${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`);
  return Buffer.from(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${lines.join('')}0\r\n\r\n`);
}

describe('an answer is cut from the front of what arrived', () => {
  test('by its length, and the rest is left', () => {
    const bytes = Buffer.concat([sized('{"a":1}'), sized('next')]);
    const answer = cutAnswer(bytes);
    expect(answer).toMatchObject({ status: 200, close: false, end: sized('{"a":1}').length });
    expect(answer?.body.toString()).toBe('{"a":1}');
  });

  test('by its chunks', () => {
    expect(cutAnswer(chunked('ab', 'cdé'))?.body.toString()).toBe('abcdé');
  });

  test('with its status and whether the connection ends', () => {
    const bytes = Buffer.from('HTTP/1.1 503 Busy\r\nConnection: close\r\ncontent-length: 0\r\n\r\n');
    expect(cutAnswer(bytes)).toMatchObject({ status: 503, close: true });
  });
});

test('an answer that is not complete is not an answer, wherever it is broken off', () => {
  const whole = fc.constantFrom(sized('{"data":{"é":1}}'), chunked('{"data"', ':1}'));
  fc.assert(
    fc.property(whole, fc.nat(), (bytes, at) => {
      const length = at % bytes.length;
      expect(cutAnswer(bytes.subarray(0, length))).toBeNull();
      expect(cutAnswer(bytes)?.end).toBe(bytes.length);
    }),
  );
});

test.each([
  ['HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n', 'not an HTTP/1.1 answer'],
  ['HTTP/1.1 200 OK\r\n\r\n', 'without Content-Length'],
  ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n', 'a chunk without a size'],
])('%j is refused', (text, message) => {
  expect(() => cutAnswer(Buffer.from(text))).toThrow(message);
});
