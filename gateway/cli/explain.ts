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
import type { Command, Values } from './command.ts';
import { dirOption, jsonOption, projectDir, UsageError } from './command.ts';
import { type ExplainAnswer, explainText } from './explain-text.ts';
import type { Io } from './io.ts';
import { exitCodes } from './io.ts';

type Asked = { query: string; variables: unknown; operationName: string | undefined; analyze: boolean };

/** Tells which calls an operation makes, before or after making them. */
export const explain: Command = {
  name: 'explain',
  summary: 'Show which upstream calls an operation makes',
  operands: 'QUERY',
  options: {
    analyze: { type: 'boolean', description: 'run the operation, mutations too, and tell what it came to' },
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
  },
  examples: [
    "tributary explain '{ orders { id customer { name } } }'",
    "tributary explain '{ orders { id customer { name } } }' --analyze",
    `tributary explain 'query ($n: Int) { orders(limit: $n) { id } }' --variables '{"n": 3}' --gateway http://127.0.0.1:4001`,
  ],
  async run(io, values, [query, extra]) {
    if (query === undefined || extra !== undefined) throw new UsageError('explain wants one GraphQL document');
    const asked = {
      query,
      variables: variablesOf(values['variables']),
      operationName: typeof values['operation'] === 'string' ? values['operation'] : undefined,
      analyze: values['analyze'] === true,
    };
    const headers = headersOf(values['header']);
    const gateway = values['gateway'];
    const answer =
      typeof gateway === 'string'
        ? await askGateway(gateway, asked, headers)
        : await askHere(io, values, asked, headers);
    if (answer === undefined) return exitCodes.bad;
    if (values['json'] === true) io.out(`${JSON.stringify(answer, null, 2)}\n`);
    else if (answer.extensions?.explain) io.out(explainText(answer));
    for (const line of new Set(answer.errors?.map(({ message }) => message))) io.err(`${line}\n`);
    return answer.extensions?.explain ? exitCodes.ok : exitCodes.bad;
  },
};

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

async function askGateway(
  gateway: string,
  asked: Asked,
  headers: Record<string, string>,
): Promise<ExplainAnswer | undefined> {
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
    return answer as ExplainAnswer;
  } catch (cause) {
    const message = `No gateway explained anything at ${url.href}: is this its admin port?`;
    throw new GatewayError('SOURCE_UNAVAILABLE', { message, cause });
  }
}

/** Builds what the project would serve and asks that, without opening a port. */
async function askHere(
  io: Io,
  values: Values,
  { analyze, ...operation }: Asked,
  headers: Record<string, string>,
): Promise<ExplainAnswer | undefined> {
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
  return (await (await app.explain(request)).json()) as ExplainAnswer;
}
