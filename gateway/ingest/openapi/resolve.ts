import { isRecord } from '../../lib/json.ts';
import { type ContractFiles, nameFrom } from './files.ts';
import {
  absoluteId,
  type Location,
  percentDecode,
  pointerOf,
  pointerTokens,
  type RefSite,
  type Resource,
  stepInto,
  visitSites,
} from './refs.ts';

/** What a reference leads to. */
export type Resolved =
  | {
      found: true;
      /** What stands at the end of the chain: never a reference alone, but one beside keywords that shape values may be. */
      value: unknown;
      /** Canonical: `#/components/schemas/Pet`, or `common/pet.yaml#/Pet` in another file. Equal text, equal place. */
      ref: string;
      /** JSON pointer into the document as its owner wrote it (`/definitions/Pet`), after file and `#` for another file. */
      pointer: string;
    }
  /** The reason is a part of a sentence whose subject is the reference. */
  | { found: false; ref: string; reason: string };

export type ContractIndex = {
  /** Main document, canonicalised in place. */
  document: unknown;
  resolve(ref: string): Resolved;
};

type Failure = { failed: string; reason: string };

/** References in a chain. */
const MAX_HOPS = 64;
/** References on the way of one pointer, and of all pointers of a contract: following them is no standard, only kindness. */
const MAX_BEHIND = 8;
const MAX_ALL_BEHIND = 100_000;
const MAX_TOLD = 200;
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

/** The files that the references of a value lead to. */
export function* referredFiles(value: unknown, name: string): Iterable<string> {
  const found: string[] = [];
  visitSites(value, name, (site) => {
    if (site.kind !== 'ref') return;
    const [uri = ''] = String(site.holder[site.key]).trim().split('#');
    if (uri !== '' && !SCHEME.test(uri)) found.push(nameFrom(name, percentDecode(uri)));
  });
  yield* found;
}

/**
 * Makes every reference of the files canonical, in place, and gives the function that follows them.
 *
 * @param main name of the main document
 * @param isSwagger whether the main document is Swagger 2.0, whose `definitions` are `components.schemas` in references
 */
export function indexContract(files: ContractFiles, main: string, isSwagger: boolean): ContractIndex {
  const { resources, anchors, sites } = collectSites(files, main);
  let isRewritten = false;
  let behind = 0;
  let behindLeft = MAX_ALL_BEHIND;

  function look({ file, tokens }: Location): unknown {
    const parsed = files.get(file === '' ? main : file);
    let value = parsed?.ok ? parsed.value : undefined;
    for (const token of tokens) {
      const inner = stepInto(value, token);
      // Through a reference on the way, which the standard does not promise and some documents need.
      value = inner === undefined && isReference(value) ? stepInto(lookBehind(value.$ref, file), token) : inner;
    }
    return value;
  }

  function lookBehind(ref: string, file: string): unknown {
    if (behind >= MAX_BEHIND || behindLeft <= 0) return undefined;
    behind += 1;
    behindLeft -= 1;
    const place = locate(ref, rootOf(isRewritten ? '' : file));
    const value = 'failed' in place ? undefined : look(place);
    behind -= 1;
    return value;
  }

  function locate(text: string, from: Resource): Location | Failure {
    const ref = text.trimStart();
    const hash = ref.indexOf('#');
    const uri = (hash < 0 ? ref : ref.slice(0, hash)).trimEnd();
    const fragment = hash < 0 ? '' : ref.slice(hash + 1);
    if (uri === '')
      return inside(from, fragment) ?? inside(rootOf(from.file), fragment) ?? nowhere(from.file, fragment);
    const resource = resources.size === 0 ? undefined : resources.get(absoluteId(uri, from.id));
    if (resource) return inside(resource, fragment) ?? { failed: ref, reason: 'leads nowhere' };
    if (SCHEME.test(uri)) {
      const isWeb = /^https?:/i.test(uri);
      return { failed: ref, reason: isWeb ? 'is not read over the network: bundle it' : 'is no address of a file' };
    }
    const name = nameFrom(from.file === '' ? main : from.file, percentDecode(uri));
    if (name === main) return inside(rootOf(''), fragment) ?? nowhere('', fragment);
    const parsed = files.get(name);
    if (parsed?.ok) return inside(rootOf(name), fragment) ?? nowhere(name, fragment);
    const schema = hash < 0 ? schemaNamed(uri) : undefined;
    if (schema) return schema;
    const reason = parsed ? parsed.reason : 'is not there';
    return {
      failed: textOf(name, fragment),
      reason: `cannot be followed: the file ${name.slice(0, MAX_TOLD)} ${reason}`,
    };
  }

  /** A place below a resource; undefined where it has none of that name. */
  function inside(resource: Resource, fragment: string): Location | undefined {
    const anchor = anchors.get(`${keyOf(resource)}#${percentDecode(fragment)}`);
    // `#components/schemas/Pet`: the slash at the beginning is often forgotten.
    const tokens = pointerTokens(fragment) ?? (fragment.includes('/') ? pointerTokens(`/${fragment}`) : undefined);
    if (anchor || !tokens) return anchor;
    const place = { file: resource.file, tokens: [...resource.tokens, ...ownTokens(resource.file, tokens)] };
    return look(place) === undefined ? undefined : place;
  }

  function ownTokens(file: string, tokens: readonly string[]): readonly string[] {
    const [first, second, ...rest] = tokens;
    const isMoved = isSwagger && file === '' && first === 'components' && second === 'schemas';
    return isMoved ? ['definitions', ...rest] : tokens;
  }

  /** `$ref: Pet`, as it was written before Swagger 2.0. */
  function schemaNamed(name: string): Location | undefined {
    const tokens = isSwagger ? ['definitions', name] : ['components', 'schemas', name];
    const place = { file: '', tokens };
    return look(place) === undefined ? undefined : place;
  }

  function canonical({ file, tokens }: Location): string {
    const [first, ...rest] = tokens;
    const moved = isSwagger && file === '' && first === 'definitions' ? ['components', 'schemas', ...rest] : tokens;
    return textOf(file, pointerOf(moved).replaceAll('%', '%25'));
  }

  const known = new Map<string, Resolved>();

  function resolve(ref: string): Resolved {
    const before = known.get(ref);
    if (before) return before;
    const resolved = follow(ref);
    known.set(ref, resolved);
    return resolved;
  }

  function follow(ref: string): Resolved {
    let text = ref;
    for (let hops = 0; hops < MAX_HOPS; hops += 1) {
      const place = locate(text, rootOf(''));
      if ('failed' in place) return { found: false, ref: place.failed.slice(0, MAX_TOLD), reason: place.reason };
      const value = look(place);
      if (!isReference(value) || saysMore(value)) {
        const pointer = place.file === '' ? pointerOf(place.tokens) : `${place.file}#${pointerOf(place.tokens)}`;
        return { found: true, value, ref: canonical(place), pointer };
      }
      text = value.$ref;
    }
    return { found: false, ref: ref.slice(0, MAX_TOLD), reason: 'leads in a circle' };
  }

  // All are located before the first is rewritten: a pointer may lead through a reference.
  const texts = sites.map(({ holder, key, resource }) => {
    const place = locate(String(holder[key]), resource);
    return 'failed' in place ? place.failed : canonical(place);
  });
  for (const [index, { holder, key }] of sites.entries()) holder[key] = texts[index];
  isRewritten = true;
  const parsed = files.get(main);
  return { document: parsed?.ok ? parsed.value : undefined, resolve };
}

type Sites = { resources: Map<string, Resource>; anchors: Map<string, Location>; sites: RefSite[] };

function collectSites(files: ContractFiles, main: string): Sites {
  const found: Sites = { resources: new Map(), anchors: new Map(), sites: [] };
  for (const [name, parsed] of files) {
    const file = name === main ? '' : name;
    if (!parsed.ok) continue;
    visitSites(parsed.value, file, (site) => {
      if (site.kind === 'ref') found.sites.push(site);
      else if (site.kind === 'resource') found.resources.set(String(site.resource.id), site.resource);
      else found.anchors.set(`${keyOf(site.resource)}#${site.name}`, { file, tokens: site.tokens });
    });
  }
  return found;
}

function rootOf(file: string): Resource {
  return { file, tokens: [], id: undefined };
}

function keyOf({ file, tokens }: Location): string {
  return `${file}#${pointerOf(tokens)}`;
}

function nowhere(file: string, fragment: string): Failure {
  return { failed: textOf(file, fragment), reason: 'leads nowhere' };
}

/** A reference as text; in the name of a file those characters are encoded that would end it. */
function textOf(file: string, fragment: string): string {
  return `${file.replace(/[%#?]/g, encodeURIComponent)}#${fragment}`;
}

function isReference(value: unknown): value is Record<string, unknown> & { $ref: string } {
  return isRecord(value) && typeof value['$ref'] === 'string';
}

/** Whether a schema says of its reference's target what a type depends on (JSON Schema 2020-12 §8.2.3.1). */
function saysMore(value: Record<string, unknown>): boolean {
  if (Array.isArray(value['required'])) return true;
  return ['properties', 'allOf', 'oneOf', 'anyOf', 'items', 'additionalProperties', 'enum', 'const', 'nullable'].some(
    (key) => value[key] !== undefined,
  );
}
