import { GatewayError } from '../../errors.ts';
import { sha256 } from '../../lib/hash.ts';
import type { Call, Connector, ConnectorOptions } from '../connector.ts';
import type { Credentials } from './credentials.ts';
import { createCredentials } from './index.ts';
import { layHeaders } from './lay-headers.ts';

/** `credentials` are those that several connectors of a source share; without them a connector makes its own. */
export type AccessOptions = ConnectorOptions & { credentials?: Credentials | undefined };

/** How a connector sends with the credentials of its source; without any it sends as it is. */
export type Access = {
  /**
   * Sends with the credential's headers laid over `headers`. When the answer says that it was not accepted, the token is dropped
   * and a call that may be repeated is sent once more, if there is another.
   *
   * @param isRefused whether an answer says that the source does not know who asks
   */
  send<T>(
    call: Call,
    headers: ReadonlyMap<string, string>,
    isRefused: (answer: T) => boolean,
    send: (headers: ReadonlyMap<string, string>) => Promise<T>,
  ): Promise<T>;
  /** The headers of a stream, and whom to tell that they were refused: a stream is not opened twice. */
  open(
    call: Call,
    headers: ReadonlyMap<string, string>,
  ): Promise<{ headers: ReadonlyMap<string, string>; refused: () => void }>;
  /** The headers for the key of a call, with what stands for the credential and for the certificate that is shown over TLS. */
  keyed(call: Call, headers: ReadonlyMap<string, string>): ReadonlyMap<string, string>;
  /** The path with the parameters that prove who asks; for the wire alone, never for the log. */
  signed(path: string, operation?: string): string;
  [Symbol.asyncDispose](): Promise<void>;
};

/**
 * @throws GatewayError SOURCE_UNAVAILABLE when the protocol has no place for the credential
 */
export function createAccess(kind: Connector['kind'], options: AccessOptions): Access {
  const { source, policy, now } = options;
  // Connectors of several endpoints share what was made for all of them; that is not theirs to dispose of.
  const own = options.credentials
    ? undefined
    : createCredentials(policy.auth, { source, allowInternal: policy.endpoints.allowInternal, now, contract: options });
  const credentials = options.credentials ?? own;
  const query = credentials?.query ?? '';
  if (query !== '' && kind === 'grpc') {
    const message = 'gRPC has no query: set auth.apiKey.in to header in the policy of this source.';
    throw new GatewayError('SOURCE_UNAVAILABLE', { source, message });
  }
  const certificate = certificateOf(policy);
  const mayRepeat = (call: Call): boolean => policy.operations[call.operation]?.idempotent ?? call.idempotent;
  return {
    send: (call, headers, isRefused, send) =>
      credentials
        ? sendWith(credentials, call, mayRepeat(call), isRefused, (credential) => send(layHeaders(headers, credential)))
        : send(headers),
    open: async (call, headers) => {
      const sent = await credentials?.headersFor(call);
      return {
        headers: sent ? layHeaders(headers, sent) : headers,
        refused: () => {
          if (sent) credentials?.rejected(call, sent);
        },
      };
    },
    keyed: (call, headers) => {
      const shown = certificate ? layHeaders(headers, certificate) : headers;
      return credentials ? layHeaders(shown, credentials.keyFor(call)) : shown;
    },
    signed: (path, operation = '') => {
      const own = credentials?.queryOf?.(operation) ?? query;
      return own === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${own}`;
    },
    [Symbol.asyncDispose]: async () => await own?.[Symbol.asyncDispose](),
  };
}

/** What stands in keys for who the gateway is over TLS, under a name that no header has; undefined without a certificate. */
function certificateOf({ tlsMaterial }: ConnectorOptions['policy']): ReadonlyMap<string, string> | undefined {
  const { cert, serverName = '' } = tlsMaterial ?? {};
  return cert === undefined ? undefined : new Map([['?tls', sha256([cert, serverName])]]);
}

async function sendWith<T>(
  credentials: Credentials,
  call: Call,
  mayRepeat: boolean,
  isRefused: (answer: T) => boolean,
  send: (headers: ReadonlyMap<string, string>) => Promise<T>,
): Promise<T> {
  const sent = await credentials.headersFor(call);
  const answer = await send(sent);
  if (!isRefused(answer)) return answer;
  const hasAnother = credentials.rejected(call, sent);
  if (!hasAnother || !mayRepeat || call.signal.aborted) return answer;
  return await send(await credentials.headersFor(call));
}
