/** Who is at the other end of a connection, behind the proxies that are believed. */
import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { TrustedProxyConfig } from '../config/identity.ts';
import type { Peer, PeerCertificate } from '../context.ts';
import { createNetworks } from '../lib/networks.ts';

/** Most addresses of one header that are looked at. */
const MAX_HOPS = 32;
/** Longest certificate in a header, in characters. */
const MAX_CERTIFICATE = 16_384;

type Connection = Pick<Socket, 'remoteAddress'> & Partial<Pick<TLSSocket, 'authorized' | 'getPeerX509Certificate'>>;

/** Tells who connected; without a connection (a request in process) nobody is known. */
export type PeerOf = (connection: Connection | undefined, headers: ReadonlyMap<string, string>) => Peer;

/**
 * Prepares telling who connected. Headers about the client are believed from addresses that configuration lists, and from nobody else:
 * whoever else writes them changes nothing.
 */
export function createPeerOf(trustedProxy: TrustedProxyConfig | undefined): PeerOf {
  const isTrusted = createNetworks(trustedProxy?.addresses ?? []);
  const names = trustedProxy?.headers ?? {};
  const certificates = new WeakMap<Connection, PeerCertificate | undefined>();

  function certificateOf(connection: Connection): PeerCertificate | undefined {
    if (connection.getPeerX509Certificate === undefined) return undefined;
    if (!certificates.has(connection)) {
      const shown = connection.getPeerX509Certificate();
      certificates.set(connection, shown && describe(shown, connection.authorized === true));
    }
    return certificates.get(connection);
  }

  return (connection, headers) => {
    const address = plain(connection?.remoteAddress ?? '');
    if (!isTrusted(address)) {
      const certificate = connection && certificateOf(connection);
      return certificate ? { address, certificate } : { address };
    }
    const through = names.address === undefined ? undefined : headers.get(names.address);
    const passedOn = names.certificate === undefined ? undefined : headers.get(names.certificate);
    return {
      address: through === undefined ? address : clientIn(through, address, isTrusted),
      isProxied: true,
      ...(passedOn !== undefined && passedOn !== '' && { certificate: readCertificate(passedOn) }),
    };
  };
}

/**
 * The client in a list of addresses (`client, proxy, proxy`): read from its end, which the trusted proxy wrote, to the first that is
 * no trusted proxy itself. What stands before that was written by who knows whom.
 */
function clientIn(list: string, proxy: string, isTrusted: (address: string) => boolean): string {
  let client = proxy;
  for (const hop of list.split(',').slice(-MAX_HOPS).reverse()) {
    const address = bare(hop.trim());
    if (address === undefined) return client;
    client = plain(address);
    if (!isTrusted(address)) return client;
  }
  return client;
}

/** An IPv4 address that came in the form of IPv6 (RFC 4291 §2.5.5.2), as itself: whoever counts addresses must not take two for one. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
}

/** An address without port and brackets; undefined for what is none. */
function bare(text: string): string | undefined {
  const [, v6, v4] = /^(?:\[([0-9a-f:.]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+)(?::\d+)?)$/i.exec(text) ?? [];
  return v6 ?? v4 ?? (/^[0-9a-f:.]+$/i.test(text) && text.includes(':') ? text : undefined);
}

/** A certificate as RFC 9440 writes it (`:base64 of DER:`), or as PEM with URL encoding. One that cannot be read is one that nobody trusts. */
export function readCertificate(text: string): PeerCertificate {
  try {
    const [, der] = /^:([A-Za-z0-9+/=]+):$/.exec(text) ?? [];
    const raw = der === undefined ? decodeURIComponent(text) : Buffer.from(der, 'base64');
    if (text.length > MAX_CERTIFICATE) return unreadable;
    return describe(new X509Certificate(raw), true);
  } catch {
    return unreadable;
  }
}

/** One of the names in a certificate, as node writes them: quoted like JSON where it holds what could be taken for another name. */
const ALTERNATIVE = /([A-Za-z ]+):(?:("(?:[^"\\]|\\.)*")|([^,]*))(?:, |$)/g;

const unreadable: PeerCertificate = Object.freeze({
  commonName: undefined,
  dnsNames: [],
  uris: [],
  thumbprint: '',
  validFrom: 0,
  validTo: 0,
  isTrusted: false,
});

function describe(certificate: X509Certificate, isTrusted: boolean): PeerCertificate {
  const { subject, subjectAltName = '', validFrom, validTo, fingerprint256 } = certificate;
  const names = (wanted: string): string[] =>
    [...subjectAltName.matchAll(ALTERNATIVE)].flatMap(([, kind, quoted, plain = '']) => {
      if (kind !== wanted) return [];
      return [quoted === undefined ? plain : String(JSON.parse(quoted))];
    });
  return Object.freeze({
    commonName: /^CN=(.+)$/m.exec(subject ?? '')?.[1],
    dnsNames: names('DNS'),
    uris: names('URI'),
    thumbprint: Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url'),
    validFrom: Date.parse(validFrom),
    validTo: Date.parse(validTo),
    isTrusted,
  });
}
