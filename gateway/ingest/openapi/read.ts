import { basename, dirname, resolve as resolvePath } from 'node:path';
import { buildDefaults, type ContractLimits } from '../../config/build.ts';
import { GatewayError } from '../../errors.ts';
import { isRecord } from '../../lib/json.ts';
import { type ContractFiles, readFiles } from './files.ts';
import type { OpenapiDocument } from './refs.ts';
import { indexContract, type Resolved, referredFiles } from './resolve.ts';
import { modernize, upgradeSwagger } from './swagger.ts';

export type { OpenapiDocument } from './refs.ts';
export type { Resolved } from './resolve.ts';

/** An OpenAPI contract with all of its files. */
export type Contract = {
  /**
   * The main document in OpenAPI 3.x form; Swagger 2.0 is upgraded. Every `$ref` below it, and every reference in the mapping of
   * a discriminator, is canonical (see Resolved); keywords beside a `$ref` are still there. It always has `paths`.
   */
  document: OpenapiDocument;
  /** What the contract says: `2.0`, `3.0.3`, `3.1.0`… */
  version: string;
  /** What a reference leads to, followed to its end; relative ones are relative to the main document. */
  resolve(ref: string): Resolved;
};

/**
 * Reads an OpenAPI or Swagger document, YAML or JSON, with the files it refers to. Nothing is read over the network; a
 * reference that cannot be followed is one that `resolve` does not find, and no fault of the rest.
 *
 * @param options.root folder that no file may lie outside of (default: for files that are referred to, the folder of the file)
 * @throws GatewayError BAD_REQUEST that says what is wrong with the main document
 */
export async function readContract(
  file: string,
  options: { root?: string; limits?: ContractLimits } = {},
): Promise<Contract> {
  const folder = dirname(resolvePath(file));
  const main = basename(file);
  const files = await readFiles(main, {
    folder,
    root: options.root === undefined ? folder : resolvePath(options.root),
    refersTo: referredFiles,
    limits: options.limits ?? buildDefaults,
  });
  const parsed = files.get(main);
  if (!parsed?.ok) throw refused(parsed?.reason ?? 'is not there', parsed?.cause);
  const { version, isSwagger } = versionOf(parsed.value);
  const index = indexContract(modernized(files, isSwagger), main, isSwagger);
  const document = index.document as OpenapiDocument;
  const paths = pathsOf(document, version);
  const follow = (value: unknown): unknown => {
    if (!isRecord(value) || typeof value['$ref'] !== 'string') return value;
    const resolved = index.resolve(value['$ref']);
    return resolved.found ? resolved.value : value;
  };
  const whole = { ...document, paths };
  return { document: isSwagger ? upgradeSwagger(whole, follow) : whole, version, resolve: index.resolve };
}

/** Files in the spelling of OpenAPI 3.0: a Swagger document, and all that one refers to. */
function modernized(files: ContractFiles, isSwagger: boolean): ContractFiles {
  const isOld = (value: unknown): boolean => isSwagger || (isRecord(value) && value['swagger'] !== undefined);
  return new Map(
    [...files].map(([name, parsed]) => {
      return [name, parsed.ok && isOld(parsed.value) ? { ok: true, value: modernize(parsed.value) } : parsed];
    }),
  );
}

/** A version that nobody put in quotes is a number in YAML. */
function versionOf(document: unknown): { version: string; isSwagger: boolean } {
  if (!isRecord(document)) throw refused('is not an object');
  const { openapi, swagger } = document;
  const [said, isSwagger] = openapi === undefined ? [swagger, true] : [openapi, false];
  if (typeof said !== 'string' && typeof said !== 'number')
    throw refused('has neither `openapi` nor `swagger` at its top: it is not an OpenAPI document');
  const version = Number.isInteger(said) ? `${said}.0` : String(said).trim();
  if (!(isSwagger ? /^2(\.0)*$/ : /^3\.\d/).test(version))
    throw refused(`says it is version ${version.slice(0, 40)}: versions 2.0, 3.0 and 3.1 are read`);
  return { version, isSwagger };
}

/** A contract of webhooks alone has no `paths`, from 3.1 on. */
function pathsOf(document: OpenapiDocument, version: string): Record<string, unknown> {
  const { paths } = document;
  if (isRecord(paths)) return paths;
  if (paths === null || (paths === undefined && !/^(2|3\.0)/.test(version))) return {};
  throw refused('has no `paths`');
}

function refused(what: string, cause?: unknown): GatewayError {
  return new GatewayError('BAD_REQUEST', { message: `The OpenAPI contract ${what}.`, cause });
}
