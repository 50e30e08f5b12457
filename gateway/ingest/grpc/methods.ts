import { words } from '../../lib/names.ts';

/** The JSON form of a protobufjs namespace, as far as the ingest reads it. */
export type ProtoNamespace = {
  nested?: Record<string, ProtoNamespace>;
  methods?: Record<string, ProtoMethod>;
  fields?: Record<string, ProtoField>;
  values?: Record<string, number>;
};
export type ProtoField = {
  type: string;
  id: number;
  rule?: string;
  keyType?: string;
  options?: Record<string, unknown>;
  comment?: string | null;
};
export type ProtoMethod = {
  requestType: string;
  responseType: string;
  requestStream?: boolean;
  responseStream?: boolean;
  options?: Record<string, unknown>;
  comment?: string | null;
};

/** First words of methods that read, after what Google's API improvement proposals (AIP-131, 132, 136, 231) and common practice use. */
const READING = new Set([
  'get',
  'list',
  'search',
  'find',
  'query',
  'read',
  'fetch',
  'lookup',
  'count',
  'check',
  'describe',
  'range',
  'exists',
  'show',
]);

/** Query or mutation: the declared idempotency level first, then the HTTP rule's verb, then the method's name. */
export function methodKind(name: string, method: ProtoMethod): 'query' | 'mutation' {
  const level = method.options?.['idempotency_level'];
  if (level === 'NO_SIDE_EFFECTS') return 'query';
  if (level === 'IDEMPOTENT') return 'mutation';
  const rule = Object.keys(method.options ?? {}).find((key) => key.startsWith('(google.api.http)'));
  if (rule !== undefined) return hasGet(method.options?.[rule], rule) ? 'query' : 'mutation';
  const [first = '', second = ''] = words(name).map((word) => word.toLowerCase());
  return READING.has(first === 'batch' ? second : first) ? 'query' : 'mutation';
}

function hasGet(value: unknown, key: string): boolean {
  return key.endsWith('.get') || (typeof value === 'object' && value !== null && 'get' in value);
}

/** Every service of the tree with its full name. */
export function* servicesOf(
  root: ProtoNamespace,
  path: string[] = [],
): Generator<{ path: string[]; methods: Record<string, ProtoMethod> }> {
  if (root.methods) yield { path, methods: root.methods };
  for (const [name, nested] of Object.entries(root.nested ?? {})) yield* servicesOf(nested, [...path, name]);
}

/** The path of a type as written in `scope` (protobuf language guide, name resolution: innermost scope first). */
export function resolveType(root: ProtoNamespace, scope: readonly string[], type: string): string[] | undefined {
  const wanted = type.replace(/^\./, '').split('.');
  for (let depth = type.startsWith('.') ? 0 : scope.length; depth >= 0; depth -= 1) {
    const path = [...scope.slice(0, depth), ...wanted];
    if (namespaceAt(root, path)) return path;
  }
  return undefined;
}

export function namespaceAt(root: ProtoNamespace, path: readonly string[]): ProtoNamespace | undefined {
  let current: ProtoNamespace | undefined = root;
  for (const name of path) current = current?.nested?.[name];
  return current;
}
