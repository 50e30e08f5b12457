/** The API of sources over a registrar that notes what it is asked. */
import { createApi } from '../../../gateway/admin/api/routes.ts';
import { registration } from '../../../gateway/config/registration.ts';
import { contentHash } from '../../../gateway/lib/hash.ts';
import type { Registrar } from '../../../gateway/registry/registrar/registrar.ts';

export const TOKEN = 'team-token-team-token';
export const HASHED = 'only-its-hash-is-known';
export const outcome = {
  source: 'orders',
  what: 'add',
  dryRun: false,
  applied: true,
  unchanged: false,
  version: 3,
  proposedJoins: [],
  acceptedJoins: [],
};

type Asked = { method: string; args: unknown[] };

/** The API over a registrar that notes what it is asked and answers one thing. */
export function open(
  answer: unknown = outcome,
  tokens: unknown[] = [
    { name: 'team', token: TOKEN, owners: ['team-a'] },
    { name: 'root', sha256: contentHash(Buffer.from(HASHED)), owners: ['*'] },
  ],
) {
  const asked: Asked[] = [];
  const faults: unknown[] = [];
  const registrar = new Proxy(
    {},
    {
      get:
        (_target, method) =>
        async (...args: unknown[]) => {
          asked.push({ method: String(method), args });
          if (answer instanceof Error) throw answer;
          return answer;
        },
    },
  ) as Registrar;
  const api = createApi({
    registrar,
    config: registration.parse({ tokens, maxUploadBytes: 2048 }),
    onFault: (error) => faults.push(error),
  });
  async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const isForm = body instanceof FormData;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await api.request(path, {
      method,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isForm ? body : text }),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Record<string, unknown>,
    };
  }
  return { api, ask, asked, faults };
}
