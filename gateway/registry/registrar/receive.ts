/** An upload → files in folders of a change, for who reads them. The network is asked here; nothing is read. */
import { join } from 'node:path';
import { fetchDocument } from '../../connect/rest/fetch-document.ts';
import { Refusal } from '../refusal.ts';
import type { SourceKind } from '../source-kinds.ts';
import type { LaidUpload } from './change-job.ts';
import { checkReflection } from './contract-address.ts';
import type { ContractUpload, Upload } from './types.ts';
import { mainOf, writeFiles } from './upload.ts';

export type ReceiveOptions = {
  maxBytes: number;
  timeoutMs: number;
  /** Whether addresses inside the network are refused, but for those in `allowInternal`. */
  refuseInternal: boolean;
  allowInternal: readonly string[];
  now: () => number;
};

/**
 * @param folder the change's own
 * @throws Refusal or GatewayError BAD_REQUEST that says what to change
 */
export async function receive(
  name: string,
  { contract, files, ...rest }: Upload,
  folder: string,
  options: ReceiveOptions,
): Promise<LaidUpload> {
  const [contractFolder, filesFolder] = [join(folder, 'contract'), join(folder, 'files')];
  if (files) await writeFiles(filesFolder, files, options.maxBytes);
  const laid = contract && (await receiveContract(name, contract, rest.kind, contractFolder, options));
  return { ...rest, ...(laid ? { contract: laid } : {}), ...(files ? { files: filesFolder } : {}) };
}

async function receiveContract(
  source: string,
  contract: ContractUpload,
  kind: SourceKind | undefined,
  folder: string,
  options: ReceiveOptions,
): Promise<NonNullable<LaidUpload['contract']>> {
  const { refuseInternal, allowInternal, maxBytes, timeoutMs, now } = options;
  if ('reflection' in contract) {
    await checkReflection(source, contract.reflection, { allowInternal, now }, refuseInternal);
    return contract;
  }
  if ('files' in contract) {
    await writeFiles(folder, contract.files, maxBytes);
    return { folder, main: contract.main };
  }
  const { url } = contract;
  const document = await fetchDocument({ source, url, refuseInternal, allowInternal, maxBytes, timeoutMs, now });
  if (!document.changed) throw new Refusal('invalid', 'The contract’s URL answered without a document.');
  const main = mainOf(document.url, document.type, kind);
  await writeFiles(folder, new Map([[main, document.bytes]]), maxBytes);
  return { folder, main };
}
