/** What a contract says of security, as it stands in the built text. */
import { isRecord } from '../../lib/json.ts';

export type SecurityScheme = {
  name: string;
  type: string;
  /** `apiKey`: where the key stands, and its name there. */
  in: string;
  parameter: string;
  /** `oauth2`: the contract's token endpoint, maybe relative to the service. */
  tokenUrl: string | undefined;
  /** What the contract calls a scheme of another type. */
  said: string | undefined;
};

/** Alternatives, each a list of schemes that are wanted together. */
export type Requirements = readonly (readonly { scheme: string; scopes: readonly string[] }[])[];

export type ContractSecurity = {
  schemes: readonly SecurityScheme[];
  /** What operations ask for that say nothing themselves. */
  requirements: Requirements;
};

/** Reads `security` of `@transport(options)`; undefined where the contract has none. */
export function readContractSecurity(options: unknown): ContractSecurity | undefined {
  const security = isRecord(options) ? options['security'] : undefined;
  if (!isRecord(security)) return undefined;
  return {
    schemes: listOf(security['schemes']).map((scheme) => ({
      name: String(scheme['name']),
      type: String(scheme['type']),
      in: String(scheme['in']),
      parameter: String(scheme['parameter']),
      tokenUrl: textOf(scheme['tokenUrl']),
      said: textOf(scheme['said']),
    })),
    requirements: readRequirements(security['requirements']) ?? [],
  };
}

/** Reads `security` of `@httpOperation`; undefined where the operation says nothing itself. */
export function readRequirements(value: unknown): Requirements | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.map((requirement: unknown) =>
    listOf(requirement).map(({ scheme, scopes }) => ({
      scheme: String(scheme),
      scopes: Array.isArray(scopes) ? scopes.map(String) : [],
    })),
  );
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
