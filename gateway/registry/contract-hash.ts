import { relative } from 'node:path';
import type { ContractLimits } from '../config/build.ts';
import type { Handler } from '../config/meshrc.ts';
import type { Policy } from '../config/policy.ts';
import { streamFile } from '../lib/bounded-file.ts';
import { createPartsHash } from '../lib/hash.ts';
import { isRecord, stableStringify } from '../lib/json.ts';
import { contractFiles, TooManyFiles } from './contract-files.ts';

/** Raised whenever the ingest would give another text for the same contract. */
const INGEST_VERSION = '8';

/** The hash of everything that shapes a source's text; none when the contract cannot be read, with a fault when it is too large. */
export type ContractHash = { hash: string | undefined; fault?: string };

/**
 * Hashes a contract with all of its files, by pieces and within the limits: this runs where requests are served.
 *
 * @param dir the project folder
 */
export async function contractHash(
  dir: string,
  name: string,
  handler: Handler,
  policy: Policy,
  { maxFiles, maxContractBytes }: Pick<ContractLimits, 'maxFiles' | 'maxContractBytes'>,
): Promise<ContractHash> {
  const options = isRecord(handler.options) ? handler.options : {};
  const { endpoint: _endpoint, operationHeaders: _headers, metaData: _metaData, ...shaping } = options;
  const naming = {
    names: policy.names,
    nullability: policy.nullability,
    include: policy.include,
    exclude: policy.exclude,
    // Rules about calls shape no text.
    operations: Object.entries(policy.operations).flatMap(([field, { kind, exclude, stream }]) =>
      kind === undefined && exclude === undefined && stream === undefined ? [] : [[field, kind, exclude, stream]],
    ),
  };
  const hash = createPartsHash();
  for (const part of [INGEST_VERSION, handler.kind, stableStringify(shaping), stableStringify(naming)]) hash.add(part);
  let left = maxContractBytes;
  try {
    for (const file of await contractFiles(dir, name, options['source'], maxFiles)) {
      hash.add(relative(dir, file));
      const given = await streamFile(file, left, hash.piece, hash.begin);
      if (typeof given !== 'number') {
        const more = `makes the contract larger than ${maxContractBytes} bytes (build.maxContractBytes)`;
        return {
          hash: undefined,
          fault: `${relative(dir, file)} ${given.reason === 'is no file' ? given.reason : more}`,
        };
      }
      left -= given;
    }
  } catch (error) {
    if (!(error instanceof TooManyFiles)) return { hash: undefined };
    return { hash: undefined, fault: `sources/${name} holds more files than a contract may have (${maxFiles})` };
  }
  return { hash: hash.digest() };
}
