/** An app in process over a given supply, with its log kept for the test to read. */
import type { App, AppOptions } from '../../gateway/app.ts';
import { createApp } from '../../gateway/app.ts';
import type { GatewayConfig } from '../../gateway/config/schema.ts';
import { gatewaySchema } from '../../gateway/config/schema.ts';
import type { TlsMaterial } from '../../gateway/config/tls-files.ts';
import { createEvents } from '../../gateway/observe/events.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { createMetrics } from '../../gateway/observe/metrics.ts';
import { createMemoryOperationStore } from '../../gateway/validate/memory-operation-store.ts';
import { createPersisted, type Persisted } from '../../gateway/validate/persisted.ts';

export type LogLine = Readonly<Record<string, unknown>>;

export type KitApp = App & {
  readonly config: GatewayConfig;
  /** Every line logged so far, parsed. */
  readonly lines: readonly LogLine[];
  /** Begins the log anew, for who counts bytes. */
  clearLines(): void;
  readonly metrics: AppOptions['metrics'];
  /** Posts one operation in process. */
  query(query: string, options?: QueryOptions): Promise<Answer>;
};

export type QueryOptions = {
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export type GraphqlError = { message: string; path?: (string | number)[]; extensions: Record<string, unknown> };
export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { data?: unknown; errors?: GraphqlError[]; extensions?: Record<string, unknown> };
};

/** What an app gets beside its settings: what files would hold, and stores. */
export type AppExtras = Pick<AppOptions, 'limits' | 'persisted' | 'operations' | 'responseCache'> & {
  readonly manifest?: GatewayConfig['manifest'];
  readonly tlsMaterial?: TlsMaterial;
};

/** `settings` is what a gateway.yaml would hold. */
export function startApp(
  supply: AppOptions['supply'],
  settings: Readonly<Record<string, unknown>> = {},
  now: () => number = Date.now,
  { manifest, tlsMaterial, ...more }: AppExtras = {},
): KitApp {
  const own = { ...(manifest && { manifest }), ...(tlsMaterial && { tlsMaterial }) };
  const config = { ...readSettings(settings), ...own };
  const lines: LogLine[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as LogLine) };
  const log = createLog({ level: 'debug', pretty: 'off', destination });
  const metrics = createMetrics();
  let ids = 0;
  const randomId = (): string => {
    ids += 1;
    return `id-${ids}`;
  };
  const events = createEvents({ log, metrics });
  const app = createApp({ config, supply, log, events, metrics, now, randomId, ...more });
  const clearLines = (): void => {
    lines.length = 0;
  };
  return { ...app, config, lines, clearLines, metrics, query: (query, options) => post(app, query, options) };
}

/**
 * Settings with all defaults, but that all is compiled that can be, and that nobody is waited for who has his answer; ports are free
 * ones of the loopback address unless given.
 */
export function readSettings(settings: Readonly<Record<string, unknown>>): GatewayConfig {
  const local = { host: '127.0.0.1', port: 0 };
  return gatewaySchema.parse({
    drainMs: 20,
    listen: local,
    admin: local,
    execution: { compileAfter: 0 },
    ...settings,
  });
}

async function post(app: App, query: string, options: QueryOptions = {}): Promise<Answer> {
  const { headers, ...rest } = options;
  const response = await app.fetch(
    new Request('http://gateway.test/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
      body: JSON.stringify({ query, ...rest }),
    }),
  );
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
}

/** Operations by hash, with nothing behind them but memory. */
export function memoryPersisted({ config, now }: Pick<AppOptions, 'config' | 'now'>): Persisted {
  const store = createMemoryOperationStore({ ...config.persistedOperations, now });
  return createPersisted({ config, store, onFault: () => undefined });
}
