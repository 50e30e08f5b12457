import type { Plugin } from 'graphql-yoga';
import type { RequestContext } from '../context.ts';
import type { Identify } from './identity.ts';

/** The identify stage: settles the principal before anything is parsed. */
export function useIdentify(identify: Identify): Plugin<object, RequestContext> {
  return {
    // Not async: a proof that is known needs no promise.
    onRequestParse({ serverContext }) {
      const principal = identify(serverContext);
      if (!(principal instanceof Promise)) {
        serverContext.principal = principal;
        return undefined;
      }
      return principal.then((settled) => {
        serverContext.principal = settled;
      });
    },
  };
}
