export type SourceState = {
  name: string;
  kind: string;
  state: 'active' | 'degraded' | 'deprecated' | 'quarantined';
  /** Why it is not active. */
  message?: string;
  /** Whether a degraded source is served by the last text that could be read. */
  servesOld?: boolean;
  /** Version of the registry that serves; absent for the working tree's. */
  version?: number;
};
