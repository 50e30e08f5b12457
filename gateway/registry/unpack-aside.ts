import { stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { GatewayError } from '../errors.ts';
import { threadEntry } from '../lib/program.ts';
import { type Unpacked, type Unpacking, unpack } from './unpack.ts';

/** Bytes that are unpacked where requests are served: a few milliseconds. */
const SMALL = 262_144;

/** What the thread answers. */
export type UnpackAnswer = { readonly unpacked: Unpacked[] } | { readonly broken: string };

/**
 * Unpacks bundles; what is large beside the thread that serves, which is told little of it.
 * @throws GatewayError INTERNAL when bytes are no bundle of their hash
 */
export async function unpackAside(unpacking: Unpacking): Promise<Unpacked[]> {
  const { bundles, unified } = unpacking;
  let bytes = 0;
  for (const { file } of [...bundles, unified ?? []].flat()) bytes += (await stat(file)).size;
  return bytes <= SMALL ? await unpack(unpacking) : await inThread(unpacking);
}

function inThread(unpacking: Unpacking): Promise<Unpacked[]> {
  const { entry, isText } = threadEntry(new URL('./unpack-worker', import.meta.url));
  return new Promise((resolve, reject) => {
    const fail = (message: string): void => reject(new GatewayError('INTERNAL', { cause: new Error(message) }));
    const thread = new Worker(entry, { workerData: unpacking, eval: isText, execArgv: [] });
    thread.once('message', (answer: UnpackAnswer) => {
      if ('unpacked' in answer) resolve(answer.unpacked);
      else fail(answer.broken);
    });
    thread.once('error', (error: Error) => fail(error.message));
    thread.once('exit', () => fail('The thread that unpacks bundles ended without an answer.'));
  });
}
