/** A gateway over one REST source that takes files, and requests with files to it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type GraphQLSchema, isObjectType } from 'graphql';
import type { Connector } from '../../gateway/connect/connector.ts';
import { openConnector } from '../../gateway/connect/open.ts';
import type { RequestContext } from '../../gateway/context.ts';
import { attachScalars } from '../../gateway/execute/scalars.ts';
import { type KitApp, startApp } from '../kit/app.ts';
import { makeGeneration, makeSupply } from '../kit/fixed-supply.ts';
import { operationsOf, optionsOf, schemaOf } from '../unit/connect/kit.ts';

const call = (path: string, mediaType: string, encoding = ''): string =>
  `@httpOperation(subgraph: "shop", path: "/${path}", httpMethod: "POST", accept: "application/json", params: [], body: { arg: "input", mediaType: "${mediaType}" ${encoding} })`;
const SDL = `
  scalar Bytes
  input FormInput { title: String, photo: Bytes, more: [Bytes!] }
  input JsonInput { photo: Bytes, any: JSON }
  type Query { status: JSON }
  type Mutation {
    form(input: FormInput!): JSON ${call('form', 'multipart/form-data', 'encoding: [["photo", "image/png, image/jpeg"]]')}
    bytes(input: Bytes!): JSON ${call('bytes', 'application/octet-stream')}
    json(input: JsonInput!): JSON ${call('json', 'application/json')}
    again(input: Bytes!): JSON ${call('again', 'application/octet-stream')}
  }
`;

export type Received = { path: string; type: string; body: Buffer };
export type Parts = [name: string, content: string | File][];
type Sent = { status: number; data?: unknown; errors?: { message: string; extensions: { code: string } }[] };

export type UploadKit = {
  app: KitApp;
  url: string;
  /** What the source received so far, also of requests that have not ended. */
  received: Received[];
  /** What the source answers with. */
  answerWith(status: number): void;
  send(parts: Parts, headers?: Record<string, string>): Promise<Sent>;
  [Symbol.asyncDispose](): Promise<void>;
};

export const ALLOWED = { 'x-tributary-preflight': '1' };

/** Bounds are small: 2000 bytes of a part, 1 MB of a request, three files. Calls are tried again where they may be. */
export async function startUploads(): Promise<UploadKit> {
  const received: Received[] = [];
  let status = 200;
  const upstream = createServer((message, response) => {
    const seen: Received = {
      path: message.url ?? '',
      type: message.headers['content-type'] ?? '',
      body: Buffer.alloc(0),
    };
    received.push(seen);
    message.on('data', (chunk: Buffer) => {
      seen.body = Buffer.concat([seen.body, chunk]);
    });
    message.on('end', () => response.writeHead(status, { 'content-type': 'application/json' }).end('{"ok":true}'));
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const policy = {
    retry: { attempts: 3, budgetPercent: 100, budgetBurst: 10, baseMs: 1, maxMs: 1 },
    operations: { again: { idempotent: true } },
  };
  const connector = openConnector('rest', optionsOf({ sdl: SDL, endpoints: [endpoint], policy }));
  const app = startApp(makeSupply(makeGeneration('g1', callable(schemaOf(SDL), connector))), {
    limits: { bodyBytes: 2000, uploadBytes: 1_000_000, uploadFiles: 3 },
    deadline: { defaultMs: 5000, maxMs: 5000 },
  });
  const { url } = await app.listen();
  return {
    app,
    url,
    received,
    answerWith(next) {
      status = next;
    },
    async send(parts, headers = ALLOWED) {
      const body = new FormData();
      for (const [name, content] of parts) body.append(name, content);
      const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body });
      return { status: response.status, ...((await response.json()) as Omit<Sent, 'status'>) };
    },
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      await connector[Symbol.asyncDispose]();
      upstream.closeAllConnections();
      await new Promise((resolve) => upstream.close(resolve));
    },
  };
}

/** Root fields that make their call as resolvers of the gateway do. */
function callable(schema: GraphQLSchema, connector: Connector): GraphQLSchema {
  attachScalars(schema);
  const type = schema.getMutationType();
  if (!isObjectType(type)) throw new Error('no mutations');
  for (const { name } of operationsOf(SDL)) {
    const field = type.getFields()[name];
    if (!field) throw new Error(`no field ${name}`);
    field.resolve = async (_parent, args, { deadline, signal, headers, requestId }: RequestContext) => {
      const call = { source: 'shop', operation: name, args, idempotent: false };
      return (await connector.call({ ...call, deadline, signal, headers, requestId })).data;
    };
  }
  return schema;
}

export function operations(query: string, variables: unknown): [string, string] {
  return ['operations', JSON.stringify({ query, variables })];
}

export const map = (paths: unknown): [string, string] => ['map', JSON.stringify(paths)];
export const png = (text: string, name = 'a.png'): File => new File([text], name, { type: 'image/png' });
export const FORM = 'mutation ($input: FormInput!) { form(input: $input) }';
export const BYTES = 'mutation ($f: Bytes!) { bytes(input: $f) }';
/** All of a request with one file but the file itself, which is called 0. */
export const onePhoto: Parts = [
  operations(FORM, { input: { title: 't', photo: null } }),
  map({ 0: ['variables.input.photo'] }),
];

/** The parts that the source received, read by the platform's own parser. */
export async function formOf(received: Received | undefined): Promise<[string, unknown][]> {
  if (!received) throw new Error('nothing was received');
  const { body, type } = received;
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  const entries = [...form].map(async ([name, part]): Promise<[string, unknown]> => {
    if (typeof part === 'string') return [name, part];
    const file = part as unknown as File;
    return [name, { name: file.name, type: file.type, text: await file.text() }];
  });
  return await Promise.all(entries);
}
