/** Prism in a process of its own, and between it and the gateway a recorder of what was asked and answered. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { installPackages } from '../../bench/lib/install.ts';
import { isRecord } from '../../gateway/lib/json.ts';
import { findFreePorts, type Software, startSoftware } from '../kit/software.ts';
import { root } from '../repository.ts';

export type Exchanged = {
  readonly request: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
  readonly status: number;
  /** What Prism says is wrong with the request. */
  readonly violations: readonly string[];
  /** Why Prism could not answer as the contract says: the answer it made up breaks it, or it has none. */
  readonly ownFaults: readonly string[];
  readonly answer: string;
};

export type Mock = {
  readonly endpoint: string;
  /** Whether Prism ended instead of answering; if so it is started again. */
  revive(): Promise<boolean>;
  /** What was exchanged since the last look. */
  take(): Exchanged[];
  [Symbol.asyncDispose](): Promise<void>;
};

/** Installs Prism where no other package is in its way, exactly as `mock/package-lock.json` says; nothing to do the second time. */
export async function installPrism(): Promise<string> {
  const folder = join(root, '.cache/prism');
  await mkdir(folder, { recursive: true });
  await cp(join(root, 'test/prism/mock'), folder, { recursive: true });
  await installPackages(folder);
  return join(folder, 'node_modules/@stoplight/prism-cli/dist/index.js');
}

/**
 * Mocks a contract. Requests that break it are refused (`--errors`); who may ask is no part of what is tested, so the contract's
 * security is left out.
 */
export async function startMock(prism: string, contract: string): Promise<Mock> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-prism-'));
  const document = await prepare(contract, folder);
  const [port = 0] = await findFreePorts(1);
  const args = [prism, 'mock', document, '--errors', '--host', '127.0.0.1', '--port', String(port)];
  const start = (): Promise<Software> => startSoftware(process.execPath, () => args, /Prism is listening on/);
  let software = await start();
  let hasEnded = false;
  const exchanged: Exchanged[] = [];
  const recorder = createServer((incoming, outgoing) => {
    void readAll(incoming).then((body) => {
      const { method, url: path, headers } = incoming;
      const upstream = send({ host: '127.0.0.1', port, method, path, headers }, (response) => {
        void readAll(response).then((answer) => {
          const status = response.statusCode ?? 0;
          const findings = findingsOf(status, response.headers['sl-violations'], answer.toString('utf8'));
          const request = `${method} ${path}`;
          exchanged.push({ request, headers, body, status, ...findings, answer: answer.toString('utf8') });
          const { 'transfer-encoding': _chunked, connection: _connection, ...rest } = response.headers;
          outgoing.writeHead(status, rest).end(answer);
        });
      });
      upstream.once('error', () => {
        hasEnded = true;
        outgoing.destroy();
      });
      upstream.end(body);
    });
  });
  await new Promise<void>((resolve) => recorder.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(recorder.address() as AddressInfo).port}`,
    take: () => exchanged.splice(0),
    async revive() {
      if (!hasEnded) return false;
      await software[Symbol.asyncDispose]();
      software = await start();
      hasEnded = false;
      return true;
    },
    async [Symbol.asyncDispose]() {
      recorder.closeAllConnections();
      recorder.close();
      await software[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The contract as Prism is shown it; one of several files stays where these are. */
async function prepare(contract: string, folder: string): Promise<string> {
  const text = (await readFile(contract, 'utf8')).replace(/^\uFEFF/, '');
  if (/\$ref["']?\s*:\s*["']?(?!https?:)[^\s"'#]/.test(text)) return contract;
  const document = join(folder, 'contract.json');
  await writeFile(document, JSON.stringify(withIntegersInText(withoutSecurity(readDocument(text)))));
  return document;
}

function readDocument(text: string): unknown {
  return text.trimStart().startsWith('{') ? JSON.parse(text) : parseYaml(text, { uniqueKeys: false, merge: true });
}

function withoutSecurity(document: unknown): unknown {
  if (!isRecord(document)) return document;
  const { security: _security, securityDefinitions: _definitions, paths, ...rest } = document;
  const items = Object.entries(isRecord(paths) ? paths : {}).map(([path, item]) => {
    const operations = Object.entries(isRecord(item) ? item : {}).map(([method, operation]) => {
      if (!isRecord(operation)) return [method, operation];
      const { security: _own, ...open } = operation;
      return [method, { ...open, responses: answersOf(operation['responses']) }];
    });
    return [path, Object.fromEntries(operations)];
  });
  return { ...rest, paths: Object.fromEntries(items) };
}

/** Prism does not know `format: int64` of a text and answers with "string": it is told what such a text looks like. */
function withIntegersInText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withIntegersInText);
  if (!isRecord(value)) return value;
  const made = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withIntegersInText(inner)]));
  const isInteger = made['type'] === 'string' && /^u?int64$/.test(String(made['format']));
  return isInteger && made['in'] === undefined ? { example: '1', ...made } : made;
}

/** Prism has nothing to say where a contract tells of no answer at all. */
function answersOf(responses: unknown): unknown {
  const isEmpty = !isRecord(responses) || Object.keys(responses).length === 0;
  return isEmpty ? { 200: { description: 'No answer is described.' } } : responses;
}

/** Prism's problems that say something of the request; the others are that it cannot answer. */
const OF_THE_REQUEST =
  /#(UNPROCESSABLE_ENTITY|NO_PATH_MATCHED|NO_METHOD_MATCHED|NO_SERVER|NOT_ACCEPTABLE|UNSUPPORTED_MEDIA|VIOLATIONS)/;

/** What Prism found wrong: with the request, and with itself. In problem answers, or in the header it adds to an answer. */
function findingsOf(status: number, header: unknown, answer: string): Pick<Exchanged, 'violations' | 'ownFaults'> {
  const found = typeof header === 'string' ? listOf(parse(header)) : [];
  const problem = parse(answer);
  const type = isRecord(problem) ? String(problem['type']) : '';
  const ownFaults: string[] = [];
  if (isRecord(problem) && status >= 400 && type.includes('stoplight.io/prism/errors')) {
    const validation = listOf(problem['validation']);
    const whole = { location: ['request'], message: `${problem['title']}: ${problem['detail']}` };
    if (!OF_THE_REQUEST.test(type)) ownFaults.push(whole.message);
    else found.push(...(validation.length > 0 ? validation : [whole]));
  }
  const violations = new Set<string>();
  for (const violation of found.filter(isRecord)) {
    const location = listOf(violation['location']).map(String);
    const text = `${location.join('.')}: ${String(violation['message'])}`;
    if (location[0] === 'response') ownFaults.push(text);
    else violations.add(text);
  }
  return { violations: [...violations], ownFaults };
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
