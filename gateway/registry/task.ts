/** What a process of its own is asked. */
import type { Environment } from '../config/env.ts';
import type { BuildJob, LayoutJob } from './job.ts';
import type { ChangeJob } from './registrar/change-job.ts';

export type Task =
  | { readonly kind: 'build'; readonly job: BuildJob }
  | { readonly kind: 'layout'; readonly job: LayoutJob }
  | { readonly kind: 'change'; readonly job: ChangeJob };

/** What a thread that does one task is told: to load what tasks need, and then the task with what `${…}` of files is filled in from. */
export type ToThread = 'load' | { readonly task: Task; readonly env: Environment };
