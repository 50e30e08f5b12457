/** A cache between clients and the gateway, as RFC 9111 describes one that all of them share. */
import CachePolicy from 'http-cache-semantics';

type Fields = Record<string, string>;
export type Answered = { readonly status: number; readonly headers: Fields; readonly body: string };

export type SharedCache = {
  get(url: string, headers: Fields): Promise<Answered>;
  /** Answers that it gave without asking, or after asking whether they are still good. */
  readonly given: () => { readonly fresh: number; readonly revalidated: number };
};

/** @param origin what it asks where it has no answer; @param now milliseconds since the epoch */
export function openSharedCache(
  origin: (url: string, headers: Fields) => Promise<Answered>,
  now: () => number,
): SharedCache {
  const stored = new Map<string, { policy: CachePolicy; answer: Answered }[]>();
  let fresh = 0;
  let revalidated = 0;

  async function atClock<T>(run: () => T): Promise<T> {
    // The package asks the system for the time.
    const real = Date.now;
    Date.now = now;
    try {
      return run();
    } finally {
      Date.now = real;
    }
  }

  return {
    given: () => ({ fresh, revalidated }),
    async get(url, headers) {
      const request = { url, method: 'GET', headers };
      const known = stored.get(url) ?? [];
      for (const each of known) {
        if (await atClock(() => each.policy.satisfiesWithoutRevalidation(request))) {
          fresh += 1;
          return { ...each.answer, headers: (await atClock(() => each.policy.responseHeaders())) as Fields };
        }
      }
      const old = known.find(({ policy }) => policy.revalidationHeaders(request)['if-none-match'] !== undefined);
      const sent = old ? (old.policy.revalidationHeaders(request) as Fields) : headers;
      const answer = await origin(url, sent);
      if (old && answer.status === 304) {
        revalidated += 1;
        const { policy } = await atClock(() => old.policy.revalidatedPolicy({ ...request, headers: sent }, answer));
        old.policy = policy;
        return old.answer;
      }
      const policy = await atClock(() => new CachePolicy(request, answer, { shared: true }));
      if (policy.storable()) stored.set(url, [...known.filter((each) => each !== old), { policy, answer }]);
      return answer;
    },
  };
}
