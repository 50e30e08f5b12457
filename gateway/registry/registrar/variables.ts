import { isGatewayVariable, tokenVariable } from '../../config/env.ts';
import { Refusal } from '../refusal.ts';

/** Whose environment variables are. */
export type VariableRules = {
  /** Those that the operator lets every source use. */
  readonly allowed: readonly string[];
  /** Those that gateway.yaml is filled in from. */
  readonly gateway: readonly string[];
  /** Other sources by name, each with the variables that it uses. Asked only where it matters. */
  readonly others: () => Promise<ReadonlyMap<string, ReadonlySet<string>>>;
};

/**
 * What a team uploads may only use variables that are its source's own, named `BILLING_…` for a source `billing`, and those that the operator
 * allows: others hold secrets of the gateway and of other teams, which an address or a header would carry away. Any token may choose the
 * name of a new source, so the name alone makes nothing its own that the gateway or another source has.
 * @param uses names of variables, by where they stand
 * @throws Refusal invalid that names the variable
 */
export async function checkVariables(
  source: string,
  uses: Readonly<Record<string, Iterable<string>>>,
  { allowed, gateway, others }: VariableRules,
): Promise<void> {
  const own = prefixOf(source);
  for (const [place, names] of Object.entries(uses)) {
    for (const name of names) {
      if (allowed.includes(name) && name !== tokenVariable) continue;
      const fault = whyNotOwn(name, own) ?? whyGateways(name, gateway) ?? whyAnothers(source, name, await others());
      if (fault === undefined) continue;
      const remedy =
        name === tokenVariable ? '' : ' Name another, or have it allowed in registration.variables of gateway.yaml.';
      const variable = name.slice(0, 100);
      throw new Refusal('invalid', `${place} uses the variable ${variable}: ${fault}.${remedy}`, { variable });
    }
  }
}

function whyNotOwn(name: string, own: string): string | undefined {
  return name.startsWith(own) ? undefined : `a source's own begin with ${own}`;
}

function whyGateways(name: string, used: readonly string[]): string | undefined {
  return used.includes(name) || isGatewayVariable(name) ? 'it is the gateway’s own' : undefined;
}

/** `SHOP_INTERNAL_KEY` is not of `shop` where there is a source `shop-internal`, and of neither where the other uses it already. */
function whyAnothers(
  source: string,
  name: string,
  others: ReadonlyMap<string, ReadonlySet<string>>,
): string | undefined {
  const own = prefixOf(source);
  for (const [other, used] of others) {
    if (other === source) continue;
    const prefix = prefixOf(other);
    if (used.has(name)) return `the source ${other} uses it`;
    if (prefix.length >= own.length && name.startsWith(prefix)) return `it is of the source ${other}`;
  }
  return undefined;
}

function prefixOf(source: string): string {
  return `${source.toUpperCase().replaceAll('-', '_')}_`;
}
