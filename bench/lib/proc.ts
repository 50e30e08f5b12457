import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** The fields of one line of /proc/<pid>/stat that the benchmark reads (proc(5)); times in clock ticks, memory in pages. */
export type ProcessStat = { pid: number; parent: number; cpuTicks: number; rssPages: number };

/** What a process tree has used so far: CPU of user and system in milliseconds, resident memory in bytes. */
export type TreeUse = { cpuMs: number; rssBytes: number; processes: number };

/** Busy time of the whole machine since boot in clock ticks, from the first line of /proc/stat. */
export type MachineTicks = { busy: number; total: number };

/**
 * Reads one line of /proc/<pid>/stat. The command stands in parentheses and may itself hold spaces and parentheses, so
 * fields are counted from the last closing one. CPU includes children that have ended and were waited for.
 *
 * @throws Error when the text is not such a line
 */
export function parseStat(text: string): ProcessStat {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  const fields = text
    .slice(close + 2)
    .split(' ')
    .map(Number);
  const pid = Number(text.slice(0, open));
  const parent = fields[1];
  const times = fields.slice(11, 15);
  const rssPages = fields[21];
  const known = [pid, parent, rssPages, ...times];
  if (open < 0 || close < open || times.length < 4 || known.some((field) => !Number.isInteger(field))) {
    throw new Error(`not a line of /proc/<pid>/stat: ${text.slice(0, 80)}`);
  }
  return {
    pid,
    parent: parent ?? 0,
    cpuTicks: times.reduce((sum, time) => sum + time, 0),
    rssPages: rssPages ?? 0,
  };
}

/** The processes of `all` that descend from `root`, itself included; empty when it is gone. */
export function treeOf(root: number, all: readonly ProcessStat[]): ProcessStat[] {
  const children = new Map<number, ProcessStat[]>();
  for (const one of all) children.set(one.parent, [...(children.get(one.parent) ?? []), one]);
  const found: ProcessStat[] = [];
  const waiting = all.filter((one) => one.pid === root);
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    found.push(one);
    waiting.push(...(children.get(one.pid) ?? []));
  }
  return found;
}

/** Reads the first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal (guest is inside user). */
export function parseMachineTicks(text: string): MachineTicks {
  const line = text.split('\n', 1)[0] ?? '';
  const fields = line.trim().split(/\s+/).slice(1, 9).map(Number);
  if (!line.startsWith('cpu ') || fields.length < 8 || fields.some(Number.isNaN)) {
    throw new Error(`not the first line of /proc/stat: ${line.slice(0, 80)}`);
  }
  const total = fields.reduce((sum, field) => sum + field, 0);
  return { busy: total - (fields[3] ?? 0) - (fields[4] ?? 0), total };
}

/** What the tree under `root` has used up to now. A process that ended while being read counts as gone. */
export function readTree(root: number): TreeUse {
  const tree = treeOf(root, readAll());
  return {
    cpuMs: (tree.reduce((sum, one) => sum + one.cpuTicks, 0) * 1000) / ticksPerSecond,
    rssBytes: tree.reduce((sum, one) => sum + one.rssPages, 0) * pageBytes,
    processes: tree.length,
  };
}

/** CPU time all processes of the machine have used since boot, in milliseconds. */
export function readMachineBusyMs(): number {
  return (parseMachineTicks(readFileSync('/proc/stat', 'utf8')).busy * 1000) / ticksPerSecond;
}

const ticksPerSecond = getconf('CLK_TCK', 100);
const pageBytes = getconf('PAGESIZE', 4096);

/** A constant of the system; images without getconf have the usual ones. */
function getconf(name: string, usual: number): number {
  const { status, stdout } = spawnSync('getconf', [name], { encoding: 'utf8' });
  return status === 0 ? Number(stdout) : usual;
}

function readAll(): ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [parseStat(readFileSync(`/proc/${name}/stat`, 'utf8'))];
      } catch {
        return [];
      }
    });
}
