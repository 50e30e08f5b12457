/** Who answers what a process of its own is asked. */
import type { Environment } from '../config/env.ts';
import type { Progress } from './job.ts';
import type { Task } from './task.ts';

/** Does a task and gives its answer. What each needs is loaded with it: a layout needs no Mesh. */
export async function perform(task: Task, env: Environment, tell: (news: Progress) => void): Promise<unknown> {
  switch (task.kind) {
    case 'build':
      return (await import('./build-sources.ts')).buildSources(task.job, tell);
    case 'layout':
      return (await import('./lay-out.ts')).layOutContract(task.job);
    case 'change':
      return (await import('./registrar/make-change.ts')).makeChange(task.job, env, tell);
  }
}

/** Loads all that a task may need, for one that is not known yet. */
export async function load(): Promise<void> {
  await import('./registrar/make-change.ts');
  await (await import('../ingest/load-mesh.ts')).loadMesh();
}
