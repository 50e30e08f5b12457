/** What a serving process loads: neither Mesh nor stitch while schemas/ is current. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

const SCRIPT = `
import { createRequire, register } from 'node:module';
const { port1, port2 } = new MessageChannel();
const loaded = [];
port1.on('message', (url) => loaded.push(url));
port1.unref();
const hook = "export function initialize(port) { globalThis.port = port; } export async function load(url, context, next) { globalThis.port.postMessage(url); return next(url, context); }";
register('data:text/javascript,' + encodeURIComponent(hook), { data: port2, transferList: [port2] });
const { createApp } = await import('./gateway/app.ts');
const { openSupply } = await import('./gateway/registry/supply.ts');
await import('./gateway/registry/registry.ts');
await import('./gateway/registry/store/file-store.ts');
const { gatewaySchema } = await import('./gateway/config/schema.ts');
const { createLog } = await import('./gateway/observe/log.ts');
const { createEvents } = await import('./gateway/observe/events.ts');
const { createMetrics } = await import('./gateway/observe/metrics.ts');
const metrics = createMetrics();
const log = createLog({ level: 'silent', pretty: 'off' });
const rest = { config: gatewaySchema.parse({}), events: createEvents({ log, metrics }), metrics, now: Date.now };
const supply = await openSupply({ ...rest, dir: process.cwd(), env: {}, watch: false });
const app = createApp({ ...rest, supply, log, randomId: () => 'x' });
const answer = await app.fetch(new Request('http://gateway.test/graphql?query={__typename}'));
const text = await answer.text();
await new Promise((resolve) => setImmediate(resolve));
const all = [...loaded, ...Object.keys(createRequire(import.meta.url).cache)];
console.log(JSON.stringify({ text, count: all.length, yoga: all.some((url) => url.includes('graphql-yoga')), heavy: all.filter((url) => /@graphql-mesh|@omnigraph|@graphql-tools\\/stitch|ingest\\//.test(url)) }));
process.exit(0);
`;

describe('a serving process', () => {
  it('loads neither Mesh nor stitch when schemas/ is current', async () => {
    const args = ['--import', 'tsx', '--input-type=module', '--eval', SCRIPT];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 25_000 });
    const report = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>;
    expect(report).toMatchObject({ text: '{"data":{"__typename":"Query"}}', yoga: true, heavy: [] });
  });
});
