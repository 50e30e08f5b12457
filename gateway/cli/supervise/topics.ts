/** What processes that serve side by side say to each other. */
import type { Readiness } from '../../admin/readiness.ts';
import type { Mark } from '../../connect/cache/store.ts';
import type { BreakerStatus, Forced } from '../../connect/chain/breakers.ts';
import type { Channel } from '../../lib/channel.ts';
import type { MetricValues } from '../../observe/metrics-together.ts';
import type { OperationRecord } from '../../record/store.ts';
import type { Registered } from '../../validate/operation-store.ts';

export type Topics = {
  /** Names that kept answers are dropped by. */
  readonly answersDropped: Channel<readonly string[]>;
  /** What calls changed at sources. */
  readonly changed: Channel<Mark>;
  /** Operations that clients registered by hash. */
  readonly registered: Channel<Registered>;
  /** Recorded operations of each. */
  readonly recorded: Channel<null, readonly OperationRecord[]>;
  /** Breakers of each, after an operator held some or let them go, if there was one who did. */
  readonly breakers: Channel<Forced | null, readonly BreakerStatus[]>;
  readonly metrics: Channel<null, MetricValues>;
  readonly readiness: Channel<null, Readiness>;
  /** Look whether sources have changed; the body says why. */
  readonly look: Channel<string>;
};
