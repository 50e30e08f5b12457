/** The API of sources of a gateway that runs, as the command line uses it. */
import { tokenVariable } from '../../config/env.ts';
import { GatewayError } from '../../errors.ts';
import { isRecord } from '../../lib/json.ts';
import { UsageError, type Values } from '../command.ts';
import type { Io } from '../io.ts';
import { textOf } from './options.ts';

export type Api = {
  /** @throws GatewayError with the problem's own sentence */
  ask<T>(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<T>;
};

/** A gateway refused, and what it said beside the sentence. */
export class ApiRefusal extends GatewayError {
  readonly problem: Readonly<Record<string, unknown>>;
  constructor(message: string, problem: Readonly<Record<string, unknown>>) {
    super('BAD_REQUEST', { message });
    this.problem = problem;
  }
}

const TIMEOUT_MS = 300_000;

/** The gateway that `--gateway` names; undefined where the project folder is meant. */
export function apiOf(io: Io, values: Values): Api | undefined {
  const url = textOf(values['gateway']);
  return url === undefined ? undefined : connectApi(url, textOf(values['token']) ?? io.env[tokenVariable]);
}

export function connectApi(gateway: string, token: string | undefined): Api {
  if (!URL.canParse(gateway) || !/^https?:/.test(gateway))
    throw new UsageError(`--gateway wants a URL, not "${gateway}"`);
  if (token === undefined || token === '')
    throw new UsageError(`--gateway needs --token, or ${tokenVariable} in the environment`);
  return {
    ask: async <T>(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) => {
      const response = await send(new URL(`/api/v1${path}`, gateway), {
        method,
        headers: {
          ...headers,
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
        redirect: 'error',
      });
      const answer: unknown = await response.json().catch(() => undefined);
      if (response.ok) return answer as T;
      const detail =
        isRecord(answer) && typeof answer['detail'] === 'string' ? answer['detail'] : `It answered ${response.status}.`;
      throw new ApiRefusal(detail, isRecord(answer) ? answer : {});
    },
  };
}

async function send(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    const message = `No gateway answered at ${url.origin}: is this its admin port?`;
    throw new GatewayError('SOURCE_UNAVAILABLE', { message, cause });
  }
}
