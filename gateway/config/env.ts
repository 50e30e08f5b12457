/** A process environment as plain data; only `main.ts` reads the real one. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Name of the variable that holds the path of `gateway.yaml`, relative to the project folder. */
export const configPathVariable = 'TRIBUTARY_CONFIG';

/** Environment variables that win over `gateway.yaml`, each with the key it sets. */
export const overrides: Readonly<Record<string, readonly [string, string]>> = {
  PORT: ['listen', 'port'],
  HOST: ['listen', 'host'],
  ADMIN_PORT: ['admin', 'port'],
  ADMIN_HOST: ['admin', 'host'],
  LOG_LEVEL: ['log', 'level'],
};

/** Name of the variable that holds a token for the admin port; the command line sends the same. */
export const tokenVariable = 'TRIBUTARY_TOKEN';

/**
 * Variables that the program, what it runs on and the machine read by themselves: Node.js, its libraries, stores, and what clouds give
 * credentials by.
 */
const OWN = /^(TRIBUTARY|LOG|ADMIN|REDIS|NODE|NPM|UV|GRPC|SSL|AWS|AZURE|GOOGLE|KUBERNETES)_/;

/** Whether a variable is the gateway's own by its name, whatever its configuration uses. */
export function isGatewayVariable(name: string): boolean {
  return OWN.test(name) || Object.hasOwn(overrides, name);
}
