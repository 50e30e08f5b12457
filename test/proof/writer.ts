/**
 * A process that changes the registry in a folder as fast as it can, until it is killed: `writer <folder> <name>`. Says `ready`, then
 * `<number> <hash>` for each change once it is confirmed.
 */
import { openFileStore } from '../../gateway/registry/store/file-store.ts';
import { makeChange, settings } from './change.ts';

const [, , dir = '', name = ''] = process.argv;
const store = openFileStore({ ...settings, dir, now: Date.now, onFault: fail });
process.stdout.write('ready\n');
for (;;) {
  const change = await makeChange(store, name);
  if (change !== undefined) process.stdout.write(`${change}\n`);
}

function fail(fault: unknown): never {
  throw fault;
}
