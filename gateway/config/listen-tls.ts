/** Key `listen.tls` of `gateway.yaml`: TLS on the port that clients talk to, and certificates of clients. */
import { z } from 'zod';

const file = z.string().min(1).max(4096);

export const listenTls = z
  .strictObject({
    certFile: file.describe('Certificate (PEM) that the gateway shows, with those between it and the root.'),
    keyFile: file.describe('Private key (PEM) of certFile.'),
    caFile: file
      .optional()
      .describe('Certificates (PEM) of who may sign those of clients; without it no client is asked for one.'),
  })
  .describe('Serves https and wss. Files are looked for from the project folder, and read at the start.');
