import { parse } from 'graphql';
import { expect, test } from 'vitest';
import type { Vary } from '../../bench/load/request.ts';
import { fillTemplate, operationText, requestTemplate, serialText } from '../../bench/load/request.ts';

const operation = { rootField: 'posts', rest: '{title}' };

function requestOf(vary: Vary, serial: number) {
  const template = requestTemplate(4000, '/graphql', operation, vary);
  const text = fillTemplate(template, serialText(serial));
  const [head = '', body = ''] = text.split('\r\n\r\n');
  const length = Number(/^Content-Length: (\d+)$/m.exec(head)?.[1]);
  return {
    head,
    body,
    length,
    key: template.answerKey(serialText(serial)),
    json: JSON.parse(body) as { query: string },
  };
}

test('an identical request is the public benchmark’s, byte for byte in its body', () => {
  const { head, body, length, key } = requestOf('nothing', 1);
  expect(body).toBe('{"operationName":null,"variables":{},"query":"{posts{title}}"}');
  expect(length).toBe(body.length);
  expect(head).toMatch(/^POST \/graphql HTTP\/1\.1\r\nHost: 127\.0\.0\.1:4000\r\n/);
  expect(key).toBe('posts');
  expect(requestOf('nothing', 2)).toEqual(requestOf('nothing', 1));
});

test('a distinct operation is another document with another root key, of the same length', () => {
  const [first, second] = [requestOf('operation', 1), requestOf('operation', 123_456)];
  expect(first.json.query).not.toBe(second.json.query);
  expect(first.key).not.toBe(second.key);
  expect(first.length).toBe(second.length);
  expect(second.length).toBe(second.body.length);
  expect(() => parse(second.json.query)).not.toThrow();
  expect(second.json.query).toContain(`${second.key}:posts{title}`);
  expect(second.head).toBe(first.head);
});

test('a distinct caller has another authorization header and the same body', () => {
  const [first, second] = [requestOf('caller', 1), requestOf('caller', 2)];
  const header = /^Authorization: Bearer caller-\d{10}\r$/m;
  expect(first.head).toMatch(header);
  expect(first.head.match(header)?.[0]).not.toBe(second.head.match(header)?.[0]);
  expect(first.body).toBe(requestOf('nothing', 1).body);
});

test('an operation without selection and serial is its shortest form', () => {
  expect(operationText({ rootField: 'greet', rest: '' }, null)).toBe('{greet}');
});

test('a distinct argument is another variable of one operation; a token goes along where callers do not vary', () => {
  const [first, second] = [requestOf('argument', 1), requestOf('argument', 2)];
  expect(first.json).toEqual({
    operationName: null,
    variables: { tag: serialText(1) },
    query: 'query($tag:String){posts(tag:$tag){title}}',
  });
  expect(second.json.query).toBe(first.json.query);
  expect(second.length).toBe(second.body.length);
  const signed = (vary: Vary) => fillTemplate(requestTemplate(4000, '/graphql', operation, vary, 'abc'), serialText(1));
  expect(signed('nothing')).toContain('\r\nAuthorization: Bearer abc\r\n');
  expect(signed('caller')).not.toContain('abc');
});
