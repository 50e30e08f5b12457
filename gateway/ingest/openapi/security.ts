/** Who a contract wants its callers to be: its security schemes, and which of them an operation asks for. */
import { isRecord, stableStringify } from '../../lib/json.ts';
import type { Resolve } from './types/site.ts';

/** A security scheme (OpenAPI 3.1 §4.8.27), as far as a gateway can send what it asks for; `said` is what the contract calls another. */
export type SecurityScheme = {
  name: string;
  type: 'apiKey' | 'basic' | 'bearer' | 'oauth2' | 'mutualTLS' | 'other';
  in?: string;
  parameter?: string;
  tokenUrl?: string;
  said?: string;
};

/** Alternatives, each a list of schemes that are wanted together (OpenAPI 3.1 §4.8.30). */
export type Requirements = { scheme: string; scopes?: string[] }[][];

export type Security = { schemes: SecurityScheme[]; requirements: Requirements | undefined };

const MAX_SCHEMES = 100;
const MAX_ALTERNATIVES = 50;
const MAX_SCOPES = 100;
const MAX_TEXT = 2048;

/** The schemes of a contract, and what all of its operations ask for; undefined where it has no scheme. */
export function readSecurity(document: Readonly<Record<string, unknown>>, resolve: Resolve): Security | undefined {
  const components = isRecord(document['components']) ? document['components'] : {};
  const written = isRecord(components['securitySchemes']) ? Object.entries(components['securitySchemes']) : [];
  // In which order a contract lists them changes nothing.
  const sorted = written.sort(([a], [b]) => (a < b ? -1 : 1));
  const schemes = sorted.slice(0, MAX_SCHEMES).flatMap(([name, value]): SecurityScheme[] => {
    const target = isRecord(value) && typeof value['$ref'] === 'string' ? resolve(value['$ref']) : undefined;
    const scheme: unknown = target ? (target.found ? target.value : undefined) : value;
    return isRecord(scheme) && name.length <= MAX_TEXT ? [{ name, ...schemeOf(scheme) }] : [];
  });
  return schemes.length === 0 ? undefined : { schemes, requirements: readRequirements(document['security']) };
}

/** What an operation asks for in place of what all do; undefined where it says nothing else, and where there are no schemes. */
export function ownRequirements(
  document: Readonly<Record<string, unknown>>,
  operation: Readonly<Record<string, unknown>>,
): Requirements | undefined {
  const components = isRecord(document['components']) ? document['components'] : {};
  const own = isRecord(components['securitySchemes']) ? readRequirements(operation['security']) : undefined;
  return stableStringify(own ?? null) === stableStringify(readRequirements(document['security']) ?? null)
    ? undefined
    : own;
}

function readRequirements(written: unknown): Requirements | undefined {
  if (!Array.isArray(written)) return undefined;
  return written
    .filter(isRecord)
    .slice(0, MAX_ALTERNATIVES)
    .map((requirement) =>
      Object.entries(requirement)
        .slice(0, MAX_SCHEMES)
        .map(([scheme, scopes]) => {
          const texts = (Array.isArray(scopes) ? scopes : []).filter((scope) => typeof scope === 'string');
          return { scheme, ...(texts.length > 0 ? { scopes: texts.slice(0, MAX_SCOPES) } : {}) };
        }),
    );
}

function schemeOf(scheme: Readonly<Record<string, unknown>>): Omit<SecurityScheme, 'name'> {
  const type = String(scheme['type']);
  if (type === 'apiKey' && isText(scheme['in']) && isText(scheme['name']))
    return { type, in: scheme['in'], parameter: scheme['name'] };
  if (type === 'http') {
    const way = String(scheme['scheme']).toLowerCase();
    return way === 'basic' || way === 'bearer' ? { type: way } : { type: 'other', said: `http ${way}`.slice(0, 100) };
  }
  // A token of OpenID Connect is sent as one of OAuth is.
  if (type === 'oauth2' || type === 'openIdConnect') {
    const tokenUrl = tokenUrlOf(scheme);
    return { type: 'oauth2', ...(isText(tokenUrl) ? { tokenUrl } : {}) };
  }
  return type === 'mutualTLS' ? { type } : { type: 'other', said: type.slice(0, 100) };
}

function tokenUrlOf({ flows }: Readonly<Record<string, unknown>>): unknown {
  const flow = isRecord(flows) ? flows['clientCredentials'] : undefined;
  return isRecord(flow) ? flow['tokenUrl'] : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT;
}
