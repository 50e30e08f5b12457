import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { loadService, type Message, type MessageService } from '../../examples/lib/grpc/service.ts';

export type HttpAnswer = { status: number; type: string | null; text: string; body: unknown };

/** Sends one request and reads the whole answer; `body` is undefined where the text is no JSON. */
export async function ask(url: string, init: RequestInit = {}): Promise<HttpAnswer> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, type: response.headers.get('content-type'), text, body: readJson(text) };
}

/** A request with a JSON body. */
export function json(method: string, body: unknown, headers: Record<string, string> = {}): RequestInit {
  return { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } };
}

/** The rows of an answer, with the fields the test reads. */
export function rowsOf<Row>(answer: HttpAnswer): Row[] {
  if (!Array.isArray(answer.body)) {
    throw new Error(`no rows in ${answer.text}`);
  }
  return answer.body;
}

export type InventoryClient = {
  service: MessageService;
  client: Client;
  /** Calls a method; rejects with the ServiceError of grpc-js. */
  call(method: string, request: Message, options?: CallOptions): Promise<Message>;
  /** Starts a call that the test cancels; `failed` resolves to the error. */
  start(method: string, request: Message, options?: CallOptions): { cancel(): void; failed: Promise<ServiceError> };
  [Symbol.dispose](): void;
};

type CallOptions = { metadata?: Record<string, string>; deadlineMs?: number };

/** A client of the inventory service. */
export async function connectInventory(address: string): Promise<InventoryClient> {
  const service = await loadService(
    new URL('../../sources/inventory/inventory.proto', import.meta.url),
    'inventory.v1.Inventory',
  );
  const client = new Client(address, credentials.createInsecure());

  function begin(
    method: string,
    request: Message,
    options: CallOptions,
    done: (error: ServiceError | null, response?: Message) => void,
  ): { cancel(): void } {
    const definition = service[method];
    if (definition === undefined) {
      throw new Error(`no method ${method}`);
    }
    const metadata = new Metadata();
    for (const [key, value] of Object.entries(options.metadata ?? {})) {
      metadata.set(key, value);
    }
    const { path, requestSerialize, responseDeserialize } = definition;
    const deadline = new Date(Date.now() + (options.deadlineMs ?? 10_000));
    return client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, { deadline }, done);
  }

  return {
    service,
    client,
    call: (method, request, options = {}) =>
      new Promise((resolve, reject) => {
        begin(method, request, options, (error, response) =>
          error === null ? resolve(response ?? {}) : reject(error),
        );
      }),
    start: (method, request, options = {}) => {
      let cancel = (): void => undefined;
      const failed = new Promise<ServiceError>((resolve, reject) => {
        const call = begin(method, request, options, (error) =>
          error === null ? reject(new Error('the call succeeded')) : resolve(error),
        );
        cancel = () => call.cancel();
      });
      return { cancel: () => cancel(), failed };
    },
    [Symbol.dispose]: () => client.close(),
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
