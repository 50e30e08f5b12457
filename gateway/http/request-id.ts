/** Ids of callers are written to logs and sent upstream, so only short plain ones are taken over. */
const sane = /^[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}$/;

/** The caller's own `x-request-id` when it is sane, a fresh one otherwise. */
export function chooseRequestId(incoming: string | undefined, randomId: () => string): string {
  return incoming !== undefined && sane.test(incoming) ? incoming : randomId();
}
