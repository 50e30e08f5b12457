/** Runs something later, unless it is told not to. @returns what tells it */
export type Timer = (ms: number, run: () => void) => () => void;

/**
 * Real time. What is due is done one turn of the event loop later: when this process itself was busy, the answer may have come and
 * only not been read.
 */
export const realTimer: Timer = (ms, run) => {
  let late: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    late = setImmediate(run);
  }, ms);
  return () => {
    clearTimeout(timer);
    if (late) clearImmediate(late);
  };
};
