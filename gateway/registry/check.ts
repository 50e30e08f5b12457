import { join } from 'node:path';
import type { Environment } from '../config/env.ts';
import { GatewayError } from '../errors.ts';
import type { ImportReport } from '../ingest/wire.ts';
import { buildTree } from './build.ts';
import type { Builder } from './builder.ts';
import { filesOf } from './schemas.ts';
import { strangeOperations } from './strange-operations.ts';
import { readText } from './tree.ts';

/** Builds everything from the contracts and compares with what is committed under `schemas/`; `privateText` is what it built. */
export async function checkTree(options: {
  dir: string;
  env: Environment;
  builder?: Builder | undefined;
}): Promise<{ ok: boolean; faults: string[]; reports: ImportReport[]; privateText?: string }> {
  try {
    const { built, reports, tree } = await buildTree({ ...options, write: false });
    const faults = strangeOperations(tree, built.sources);
    for (const [name, text] of filesOf(built)) {
      const there = await readText(join(options.dir, 'schemas', name));
      if (there === text) continue;
      faults.push(
        there === undefined
          ? `schemas/${name} is missing: run \`tributary schema --write\`.`
          : `schemas/${name}:${firstDifference(there, text)}: differs from what the contracts give: run \`tributary schema --write\`.`,
      );
    }
    return { ok: faults.length === 0, faults, reports, privateText: built.privateText };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { ok: false, faults: error.message.split('\n'), reports: [] };
  }
}

function firstDifference(a: string, b: string): number {
  const left = a.split('\n');
  const right = b.split('\n');
  const index = left.findIndex((line, at) => line !== right[at]);
  return (index < 0 ? Math.min(left.length, right.length) : index) + 1;
}
