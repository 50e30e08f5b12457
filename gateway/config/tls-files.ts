/** The files that a policy's `tls` names, read and checked when the policy is loaded. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Secret } from './secret.ts';

/** What a connection over TLS is made with; the texts are PEM. */
export type TlsMaterial = {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: Secret;
  readonly serverName?: string;
};

/** The files by name, relative or not. */
export type TlsNames = {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly serverName?: string | undefined;
};

export type TlsFault = { readonly key: 'caFile' | 'certFile' | 'keyFile'; readonly message: string };

const MAX_FILE_BYTES = 1_048_576;

/**
 * Reads and checks the files.
 *
 * @param dir folder that relative names start from: the one of the policy, or of the project
 * @returns the material, or everything that is wrong; faults never hold a text of a file
 */
export async function readTlsFiles(
  policy: TlsNames,
  dir: string,
): Promise<{ material: TlsMaterial } | { faults: readonly TlsFault[] }> {
  const faults: TlsFault[] = [];
  const read = async (key: TlsFault['key']): Promise<string | undefined> => {
    const name = policy[key];
    if (name === undefined) return undefined;
    const text = await readText(resolve(dir, name)).catch((error: unknown) => {
      faults.push({ key, message: `cannot be read (${codeOf(error)})` });
    });
    return text ?? undefined;
  };
  const [ca, cert, key] = await Promise.all([read('caFile'), read('certFile'), read('keyFile')]);
  if (ca !== undefined && !certificateOf(ca)) faults.push({ key: 'caFile', message: 'is not a certificate (PEM)' });
  const certificate = cert === undefined ? undefined : certificateOf(cert);
  if (cert !== undefined && !certificate) faults.push({ key: 'certFile', message: 'is not a certificate (PEM)' });
  const privateKey = key === undefined ? undefined : privateKeyOf(key);
  if (key !== undefined && !privateKey) {
    faults.push({ key: 'keyFile', message: 'is not a private key (PEM, without a passphrase)' });
  }
  if (certificate && privateKey && !certificate.checkPrivateKey(privateKey)) {
    faults.push({ key: 'keyFile', message: 'is not the key of the certificate in certFile' });
  }
  if (faults.length > 0) return { faults };
  return {
    material: {
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key: new Secret(key) }),
      ...(policy.serverName !== undefined && { serverName: policy.serverName }),
    },
  };
}

async function readText(path: string): Promise<string> {
  await using handle = await open(path, 'r');
  const { size } = await handle.stat();
  if (size > MAX_FILE_BYTES)
    throw Object.assign(new Error('too large'), { code: `larger than ${MAX_FILE_BYTES} bytes` });
  const buffer = Buffer.alloc(MAX_FILE_BYTES);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.toString('utf8', 0, length);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function privateKeyOf(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
