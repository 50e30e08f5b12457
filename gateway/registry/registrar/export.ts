import { posix } from 'node:path';
import { isRecord } from '../../lib/json.ts';
import { Refusal } from '../refusal.ts';
import { openView } from '../view.ts';
import type { ChangeOptions } from './change.ts';
import { handlerOf } from './entry.ts';
import { checkRights } from './rights.ts';
import { ownerOf, standing } from './standing.ts';
import type { Actor } from './types.ts';
import { isOurs } from './upload.ts';

/**
 * A source as it is served, as the body that another gateway takes: its contract, what its team wrote, and where it is. Environment
 * variables are not filled in: each gateway has its own. Keys are among the files, so that only who may change the source gets it.
 * @throws Refusal unknown-source or forbidden
 */
export async function exportSource(
  { dir, env, store, config }: ChangeOptions,
  name: string,
  actor: Actor,
): Promise<{ body: Record<string, unknown> }> {
  await using view = await openView(dir, store, { asked: name });
  const source = await standing(view, name, config.registration.maxUploadBytes);
  const [handler] = handlerOf(source?.entry ?? {});
  if (!source || !handler) throw new Refusal('unknown-source', `There is no source ${name}.`);
  checkRights(actor, name, [ownerOf(source.files, name, env)]);
  const { endpoint, metaData, source: contract } = handler.options;
  const coded = (wanted: (path: string) => boolean): Record<string, string> =>
    Object.fromEntries(
      [...source.files].flatMap(([path, bytes]) =>
        wanted(path) ? [[path, `base64:${bytes.toString('base64')}`]] : [],
      ),
    );
  const text = (path: string): string | undefined => source.files.get(path)?.toString('utf8');
  const main = mainOf(contract, name);
  if (main === undefined || !source.files.has(main))
    throw new Refusal(
      'invalid',
      `The contract of ${name} does not stand in its own folder: bring it to the other gateway as a file.`,
    );
  const body = {
    kind: handler.kind,
    ...(typeof endpoint === 'string' ? { endpoint } : {}),
    ...(isRecord(metaData) ? { metadata: metaData } : {}),
    contract: { files: coded((path) => !isOurs(path)), main },
    files: coded((path) => isOurs(path) && path !== 'policy.yaml' && path !== 'joins.graphql'),
    policy: text('policy.yaml'),
    joins: text('joins.graphql'),
  };
  return { body };
}

/** Path of the contract in the source's folder, from the handler's `source`. */
function mainOf(contract: unknown, name: string): string | undefined {
  const file = isRecord(contract) ? contract['file'] : contract;
  const first: unknown = Array.isArray(file) ? file[0] : file;
  const folder = `sources/${name}/`;
  const path = typeof first === 'string' ? posix.normalize(first) : '';
  return path.startsWith(folder) ? path.slice(folder.length) : undefined;
}
