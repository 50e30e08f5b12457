/**
 * Makes errors that nobody will trace: with the way they came, each takes a hundred times as long to make. For what data did, not code;
 * causes keep theirs.
 */
export function withoutStack<T>(make: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
