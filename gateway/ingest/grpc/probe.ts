import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import protobuf from 'protobufjs';

/**
 * Reads a .proto with everything it imports and resolves every name, and throws what is wrong: the loader behind Mesh meets the
 * same faults in a callback of its own, where nobody can catch them.
 *
 * @param file path of the contract, from `baseDir`
 * @param includeDirs folders that imports are looked for in, from `baseDir`
 */
export function probeProto(baseDir: string, file: string, includeDirs: readonly string[]): void {
  const root = new protobuf.Root();
  const standard = root.resolvePath.bind(root);
  root.resolvePath = (origin, target) => {
    if (isAbsolute(target) && existsSync(target)) return target;
    const found = includeDirs.map((dir) => join(resolve(baseDir, dir), target)).find((path) => existsSync(path));
    return found ?? standard(origin, target);
  };
  root.loadSync(resolve(baseDir, file), { keepCase: true }).resolveAll();
}
