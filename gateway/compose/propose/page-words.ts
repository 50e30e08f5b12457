/** Words that tell a page of rows from a thing that has rows. */

/** Words of what may stand beside rows in an answer: pages, counts, outcomes. */
export const BESIDE = wordSet(`
  total totals count counts page pages per size limit offset next prev previous cursor cursors has more first last current number numbers
  token href url uri link links meta metadata paging pagination pager status code message messages success ok error errors warning warnings
  request id uuid object kind type etag self start end to from is truncated incomplete took time timestamp version response info of in by
  on and elements records results result items rows empty remaining max min after before sort order filter query available index length
  included includes found left quantity estimated approximate marker stream position iterator done sync updated
`);

/** Names that lists of rows have on pages. */
export const LISTS = wordSet(`
  items data results result rows records entries list values value content nodes objects elements hits collection resources entities
  response docs documents models
`);

/** Names that lists have on pages and seldom on things. */
export const PAGES = wordSet('data results rows records entries hits docs nodes values');

/** Names of what wraps one thing, or another wrapper. */
export const INSIDE = wordSet(
  'data result item response value record object entity payload model embedded results body',
);

function wordSet(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
