/** Certificates that clients show, on the connection or passed on by a trusted proxy. */
import type { MtlsConfig } from '../config/identity.ts';
import type { PeerCertificate, Principal } from '../context.ts';
import { createPrincipal } from './principal.ts';
import type { Refuse } from './refusal.ts';

/** @throws GatewayError UNAUTHENTICATED */
export type IdentifyCertificate = (certificate: PeerCertificate) => Principal;

/** Prepares telling who a certificate is of. One that nobody who is believed has signed, or that is out of its time, proves nothing. */
export function createCertificates(
  { id, clients }: MtlsConfig,
  { refuse, now }: { refuse: Refuse; now: () => number },
): IdentifyCertificate {
  const known = new Map(clients.map((client) => [client.id, client]));
  /** One principal for all requests of a certificate, as long as its connection is there. */
  const principals = new WeakMap<PeerCertificate, Principal>();

  function read(certificate: PeerCertificate): Principal {
    const subject = nameOf(certificate, id);
    if (subject === undefined || subject === '') throw refuse({ description: `The certificate has no ${id}` });
    const client = known.get(subject);
    if (!client && known.size > 0) throw refuse({ description: 'The certificate is of nobody who is known here' });
    const { tenant, roles, scopes, claims } = client ?? {};
    return createPrincipal({
      kind: 'certificate',
      prefix: 'certificate:',
      subject,
      tenant,
      ...(roles && { roles }),
      ...(scopes && { scopes }),
      ...(claims && { claims }),
      expiresAt: certificate.validTo,
    });
  }

  return (certificate) => {
    if (!certificate.isTrusted)
      throw refuse({ description: 'The certificate is not signed by an authority known here' });
    if (now() < certificate.validFrom) throw refuse({ description: 'The certificate is not valid yet' });
    if (now() >= certificate.validTo) throw refuse({ description: 'The certificate has expired' });
    let principal = principals.get(certificate);
    if (!principal) {
      principal = read(certificate);
      principals.set(certificate, principal);
    }
    return principal;
  };
}

function nameOf(certificate: PeerCertificate, id: MtlsConfig['id']): string | undefined {
  const { commonName, dnsNames, uris, thumbprint } = certificate;
  if (id === 'commonName') return commonName;
  if (id === 'fingerprint') return thumbprint;
  return (id === 'dnsName' ? dnsNames : uris)[0];
}
