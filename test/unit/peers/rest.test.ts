/** Bytes, cookies and tokens of REST sources: what the peers' users ran into, and a list of exchanges cannot say. */
import { afterAll, expect, it, vi } from 'vitest';
import { createFakeClock } from '../../kit/clock.ts';
import { startKit } from '../../kit/index.ts';
import { removeProjects } from '../../kit/project.ts';
import { sendJson, startServer } from './server.ts';
import { peersWorld } from './worlds.ts';

// A build reads contracts in a worker: seconds alone, more where the machine is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
afterAll(removeProjects);

const world = peersWorld('rest');

/** What shapes the schema stays as the world has it, so that the build is shared. */
const operations = { letter: {}, searchLetters: { kind: 'query' }, systemStatus: {} };

function startDesk(policy: Record<string, unknown>) {
  return startKit({ world, overrides: { desk: { policy: { operations, ...policy } } } });
}

it('mesh#4366 files go out as parts of a form, beside fields with all their digits', async () => {
  let received: { type: string; body: Buffer } | undefined;
  await using server = await startServer(({ headers }, response, body) => {
    received = { type: headers['content-type'] ?? '', body };
    sendJson(response, { pages: 3 });
  });
  await using kit = await startDesk({ endpoints: { static: [server.url] } });
  const { body } = await kit.app.query(
    `mutation ($page: Bytes!, $more: [Bytes!]) {
      addScan(scanId: "s", input: { page: $page, more: $more, letterId: "9007199254740993", about: { dots_per_inch: 300 } }) { pages }
    }`,
    { variables: { page: '/4kAAQ==', more: ['AA==', ''] } },
  );
  expect(body).toEqual({ data: { addScan: { pages: 3 } } });
  const form = await new Response(new Uint8Array(received?.body ?? []), {
    headers: { 'content-type': received?.type ?? '' },
  }).formData();
  const bytesOf = async (part: FormDataEntryValue | null) =>
    part instanceof Blob ? [...new Uint8Array(await part.arrayBuffer())] : part;
  expect([...form.keys()]).toEqual(['page', 'more', 'more', 'letterId', 'about']);
  expect(await bytesOf(form.get('page'))).toEqual([0xff, 0x89, 0x00, 0x01]);
  expect(await Promise.all(form.getAll('more').map(bytesOf))).toEqual([[0], []]);
  expect([form.get('letterId'), form.get('about')]).toEqual(['9007199254740993', '{"dots-per-inch":300}']);
});

it('mesh#4366 a file comes back byte by byte', async () => {
  const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x00, 0xff, 0xfe, 0x80]);
  await using server = await startServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'image/png' }).end(bytes);
  });
  await using kit = await startDesk({ endpoints: { static: [server.url] } });
  const { body } = await kit.app.query('{ scan(scanId: "s") }');
  expect(body).toEqual({ data: { scan: bytes.toString('base64') } });
});

it('hive-router#1388 every cookie of one answer reaches the client, each as a header of its own', async () => {
  const cookies = ['access=a; Path=/; HttpOnly', 'refresh=r; Expires=Wed, 21 Oct 2037 07:28:00 GMT'];
  await using server = await startServer((_request, response) => {
    response.setHeader('set-cookie', cookies);
    sendJson(response, {});
  });
  await using kit = await startDesk({
    endpoints: { static: [server.url] },
    operations: { ...operations, systemStatus: { responseHeaders: { append: ['set-cookie'] } } },
  });
  const { headers, body } = await kit.app.query('{ systemStatus }');
  expect(body).toEqual({ data: { systemStatus: {} } });
  expect(headers.getSetCookie()).toEqual(cookies);
});

it('mesh#7014 a token is fetched before the first call, once for all, and again before it ends', async () => {
  const clock = createFakeClock();
  let issued = 0;
  await using server = await startServer((_request, response) => {
    issued += 1;
    sendJson(response, { access_token: `t${issued}`, token_type: 'Bearer', expires_in: 5400 });
  });
  const first = { authorization: 'Bearer t1' };
  await using kit = await startKit({
    world,
    overrides: {
      desk: {
        policy: {
          operations,
          auth: { oauth2ClientCredentials: { tokenUrl: `${server.url}/token`, clientId: 'me', clientSecret: 's' } },
        },
      },
    },
    exchanges: {
      desk: [
        { request: 'GET /letters', headers: first, answer: { body: [] } },
        { request: 'GET /status', headers: first, answer: { body: 1 } },
        { request: 'GET /people/ada', headers: first, answer: { body: {} } },
        { request: 'GET /people/bo', headers: { authorization: 'Bearer t2' }, answer: { body: { name: 'Bo' } } },
      ],
    },
    now: clock.now,
  });
  const { body } = await kit.app.query('{ letters { id } systemStatus person(name: "ada") { name } }');
  expect({ body, issued }).toEqual({
    body: { data: { letters: [], systemStatus: 1, person: { name: null } } },
    issued: 1,
  });
  clock.advance(5_401_000);
  const later = await kit.app.query('{ person(name: "bo") { name } }');
  expect({ body: later.body, issued }).toEqual({ body: { data: { person: { name: 'Bo' } } }, issued: 2 });
  expect(kit.faults()).toEqual([]);
});
