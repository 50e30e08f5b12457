import { Refusal } from '../refusal.ts';

const VARIABLE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)/g;

/**
 * What a team uploads may only use variables that are its source's own, named `BILLING_…` for a source `billing`, and those that the operator
 * allows: others hold secrets of the gateway and of other teams, which an address or a header would carry away.
 * @param texts what is interpolated, by file
 * @throws Refusal invalid
 */
export function checkVariables(
  source: string,
  texts: Readonly<Record<string, string>>,
  allowed: readonly string[],
): void {
  const own = `${source.toUpperCase().replaceAll('-', '_')}_`;
  for (const [file, text] of Object.entries(texts)) {
    for (const [, name] of text.matchAll(VARIABLE)) {
      if (name === undefined || name.startsWith(own) || allowed.includes(name)) continue;
      throw new Refusal(
        'invalid',
        `${file} uses the variable ${name.slice(0, 100)}: a source's own begin with ${own}; others have to be allowed in registration.variables of gateway.yaml.`,
      );
    }
  }
}
