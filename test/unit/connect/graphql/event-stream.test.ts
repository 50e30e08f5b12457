import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEventReader, type SentEvent } from '../../../../gateway/connect/graphql/event-stream.ts';

function readText(text: string, maxBytes = 1000): SentEvent[] {
  return [...createEventReader(maxBytes).read(Buffer.from(text))];
}

describe('an event stream', () => {
  it.each<[string, string, SentEvent[]]>([
    ['a name and data', 'event: next\ndata: {}\n\n', [{ name: 'next', data: '{}' }]],
    ['no name', 'data: a\n\n', [{ name: 'message', data: 'a' }]],
    ['a name alone', 'event: complete\n\n', [{ name: 'complete', data: '' }]],
    ['an empty field, without a colon', 'event: complete\ndata\n\n', [{ name: 'complete', data: '' }]],
    ['data of several lines', 'data: a\ndata:\ndata:  b\n\n', [{ name: 'message', data: 'a\n\n b' }]],
    ['comments, ids and times', ': hi\nid: 7\nretry: 1\nother: x\ndata: a\n:\n\n', [{ name: 'message', data: 'a' }]],
    [
      'other ends of lines',
      'data: a\r\n\r\ndata: b\r\rdata: c\n\r\n',
      ['a', 'b', 'c'].map((data) => ({ name: 'message', data })),
    ],
    ['a byte order mark', '\uFEFFdata: a\n\n', [{ name: 'message', data: 'a' }]],
    ['nothing but comments', ':\n\n:\n\n', []],
    ['an end without its empty line', 'data: a\n', []],
  ])('with %s', (_title, text, events) => {
    expect(readText(text)).toEqual(events);
  });

  it('gives the same events however its bytes are cut', () => {
    const line = fc.constantFrom('data: käse 🧀', 'data', 'event: next', ': comment', 'id: 1', '');
    const text = fc
      .array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n')), { maxLength: 30 })
      .map((lines) => lines.map(([first, end]) => first + end).join(''));
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 7 })), (whole, cuts) => {
        const bytes = Buffer.from(whole);
        const reader = createEventReader(1000);
        const events: SentEvent[] = [];
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          events.push(...reader.read(bytes.subarray(at, at + cut)));
          at += cut;
        }
        expect(events).toEqual(readText(whole));
      }),
    );
  });

  it('may be long, but not one event or line of it, ended or not', () => {
    const event = `data: ${'x'.repeat(40)}\n\n`;
    expect(readText(event.repeat(100), 50)).toHaveLength(100);
    expect(readText(`: ${'x'.repeat(40)}\n`.repeat(100) + event, 50)).toHaveLength(1);
    const long = [
      'data: '.padEnd(51, 'x'),
      ': '.padEnd(51, 'x'),
      'data: x\n'.repeat(8),
      `${'data: '.padEnd(51, 'x')}\n\n`,
    ];
    for (const text of long) expect(() => readText(text, 50)).toThrow('larger than 50 bytes');
  });
});
