import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';

/** How long the tree must be quiet before a change is taken up: editors write a file in several steps. */
const QUIET_MS = 150;

/** Calls `changed` once after each burst of changes of `.meshrc.yaml` or anything below `sources/`. */
export function watchTree(dir: string, changed: () => void): { close(): void } {
  let timer: NodeJS.Timeout | undefined;
  const touch = (): void => {
    clearTimeout(timer);
    timer = setTimeout(changed, QUIET_MS);
  };
  const watchers: FSWatcher[] = [];
  const open = (path: string, recursive: boolean, relevant: (file: string) => boolean): void => {
    try {
      const watcher = watch(path, { recursive }, (_event, file) => {
        if (relevant(file ?? '')) touch();
      });
      // A folder that goes away while it is watched is a change like any other.
      watcher.on('error', touch);
      watchers.push(watcher);
    } catch {
      // No such folder: there is nothing to watch in it.
    }
  };
  open(dir, false, (file) => file === '.meshrc.yaml' || file === 'sources');
  open(join(dir, 'sources'), true, () => true);
  return {
    close() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
