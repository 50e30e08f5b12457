/** What commands share that ask about one operation: its options, and the two ways to ask. */
import { randomUUID } from 'node:crypto';
import { createApp } from '../app.ts';
import { formatFaults } from '../config/faults.ts';
import { loadGatewayConfig } from '../config/load.ts';
import { openCallResources } from '../connect/resources.ts';
import { GatewayError } from '../errors.ts';
import { isRecord } from '../lib/json.ts';
import { createEvents } from '../observe/events.ts';
import { createLog } from '../observe/log.ts';
import { createMetrics } from '../observe/metrics.ts';
import { openSupply } from '../registry/supply.ts';
import type { Option, Values } from './command.ts';
import { dirOption, jsonOption, projectDir, UsageError } from './command.ts';
import type { Io } from './io.ts';

export const askOptions: Readonly<Record<string, Option>> = {
  variables: { type: 'string', value: 'JSON', description: 'values of its variables, as a JSON object' },
  operation: { type: 'string', value: 'NAME', description: 'which operation, where the document has several' },
  header: { type: 'string', value: 'NAME=VALUE', multiple: true, description: 'sent as a client would send it' },
  gateway: {
    type: 'string',
    value: 'URL',
    description: 'ask the gateway with this admin port, in place of the project folder',
  },
  dir: dirOption,
  json: jsonOption,
};

export type AskedOperation = {
  readonly query: string;
  readonly variables: unknown;
  readonly operationName: string | undefined;
  /** Whether it is to be run. */
  readonly analyze: boolean;
};

/** The answer to an operation that was asked about. */
export type AskAnswer<Extensions> = { errors?: readonly { message: string }[]; extensions?: Extensions };

/**
 * Asks about the operation of a command line: the gateway that `--gateway` names, else the project.
 *
 * @param headers what is sent beside those of the command line
 * @returns undefined when the project is at fault; it was told
 * @throws UsageError; GatewayError SOURCE_UNAVAILABLE when no gateway answers
 */
export async function ask<Extensions>(
  io: Io,
  values: Values,
  { query, analyze }: Pick<AskedOperation, 'query' | 'analyze'>,
  headers: Readonly<Record<string, string>> = {},
): Promise<AskAnswer<Extensions> | undefined> {
  const operationName = typeof values['operation'] === 'string' ? values['operation'] : undefined;
  const asked = { query, variables: variablesOf(values['variables']), operationName, analyze };
  const all = { ...headersOf(values['header']), ...headers };
  const gateway = values['gateway'];
  return typeof gateway === 'string' ? await askGateway(gateway, asked, all) : await askHere(io, values, asked, all);
}

function variablesOf(text: Values[string]): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // The sentence below says it for both.
  }
  throw new UsageError('--variables wants a JSON object');
}

function headersOf(pairs: Values[string]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const pair of Array.isArray(pairs) ? pairs : []) {
    const [, name = '', value = ''] = /^([^=\s]+)=(.*)$/s.exec(String(pair)) ?? [];
    if (name === '') throw new UsageError(`--header wants NAME=VALUE, not "${pair}"`);
    headers[name] = value;
  }
  return headers;
}

async function askGateway<Extensions>(
  gateway: string,
  asked: AskedOperation,
  headers: Record<string, string>,
): Promise<AskAnswer<Extensions>> {
  if (!URL.canParse('/explain', gateway)) throw new UsageError(`--gateway wants a URL, not "${gateway}"`);
  const url = new URL('/explain', gateway);
  try {
    const body = JSON.stringify(asked);
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
    });
    const answer: unknown = await response.json();
    // Problem documents are the admin port's own (RFC 9457); what is none and no GraphQL answer comes from somebody else.
    if (isRecord(answer) && typeof answer['detail'] === 'string') return { errors: [{ message: answer['detail'] }] };
    if (!isRecord(answer) || !(isRecord(answer['extensions']) || Array.isArray(answer['errors'])))
      throw new Error('this is no answer of a gateway');
    return answer as AskAnswer<Extensions>;
  } catch (cause) {
    const message = `No gateway explained anything at ${url.href}: is this its admin port?`;
    throw new GatewayError('SOURCE_UNAVAILABLE', { message, cause });
  }
}

/** Builds what the project would serve and asks that, without opening a port. */
async function askHere<Extensions>(
  io: Io,
  values: Values,
  { analyze, ...operation }: AskedOperation,
  headers: Record<string, string>,
): Promise<AskAnswer<Extensions> | undefined> {
  const dir = projectDir(io, values);
  const loaded = await loadGatewayConfig({ dir, env: io.env });
  if (!loaded.ok) {
    io.err(`${formatFaults(loaded.faults)}\n`);
    return undefined;
  }
  const config = loaded.value;
  const log = createLog({ level: 'silent', pretty: 'off' });
  const metrics = createMetrics();
  const events = createEvents({ log, metrics });
  const shared = { config, events, metrics, now: Date.now };
  await using calls = await openCallResources({ ...shared, random: Math.random, onStoreFault: () => undefined });
  await using supply = await openSupply({ ...shared, resources: calls, dir, env: io.env, watch: false });
  if (!supply.current()) {
    io.err(`${supply.faults().join('\n')}\n`);
    return undefined;
  }
  await using app = createApp({ ...shared, supply, log, randomId: randomUUID, breakers: calls.breakers });
  const request = new Request('http://gateway/graphql', {
    method: 'POST',
    headers: {
      ...headers,
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      'x-tributary-explain': analyze ? 'analyze' : 'plan',
    },
    body: JSON.stringify(operation),
  });
  return (await (await app.explain(request)).json()) as AskAnswer<Extensions>;
}
