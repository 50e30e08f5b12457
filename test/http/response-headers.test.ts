/** Headers of sources on the way to the client: as separate fields on the wire, and only while headers can still be sent. */
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { Exchange } from '../kit/exchange.ts';
import { startKit } from '../kit/index.ts';
import { removeProjects } from '../kit/project.ts';

// A build reads contracts through Mesh in a worker: seconds alone, more where the machine is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
afterAll(() => removeProjects());

const world = join(import.meta.dirname, '..', 'cases', 'worlds', 'library');
const overrides = { people: { policy: { responseHeaders: { append: ['set-cookie', 'x-warning'] } } } };

async function ask(query: string, people: Exchange[], accept = 'application/json') {
  const kit = await startKit({ world, overrides, exchanges: { people } });
  const { url } = await kit.app.listen();
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({ query }),
  });
  const text = await response.text();
  await kit[Symbol.asyncDispose]();
  return { headers: response.headers, text };
}

describe('headers that a policy passes on', () => {
  it('reach the client, each Set-Cookie as one', async () => {
    const made = (id: string): Exchange => ({
      request: 'POST /people',
      body: { 'full-name': id },
      answer: { status: 201, headers: { 'set-cookie': `${id}=1, 2; Path=/`, 'x-warning': id }, body: { id } },
    });
    const field = (id: string): string => `${id}: createPerson(input: { full_name: "${id}" }) { id }`;
    const { headers, text } = await ask(`mutation { ${field('a')} ${field('b')} }`, [made('a'), made('b')]);
    expect(JSON.parse(text)).toEqual({ data: { a: { id: 'a' }, b: { id: 'b' } } });
    expect(headers.getSetCookie()).toEqual(['a=1, 2; Path=/', 'b=1, 2; Path=/']);
    expect(headers.get('x-warning')).toBe('a, b');
  });

  it('stay behind when the answer comes in parts', async () => {
    const answer = { headers: { 'x-warning': 'a' }, body: { id: 'p1' } };
    const query = '{ getPerson(personId: "p1") { id ... @defer { status } } }';
    const { headers, text } = await ask(query, [{ request: 'GET /people/p1', answer }], 'multipart/mixed');
    expect(headers.get('content-type')).toMatch(/^multipart\/mixed/);
    expect(text).toContain('"id":"p1"');
    expect(headers.get('x-warning')).toBeNull();
  });
});
