/** What the benchmark says to an upstream process, over IPC. */
export type UpstreamCommand = { kind: 'reset' } | { kind: 'read' };

/**
 * What an upstream received since the last reset. `withAuthorization` proves that forwarding really forwards; null where
 * the upstream does not count it.
 */
export type UpstreamCalls = { total: number; withAuthorization: number | null; byOperation: Record<string, number> };

/** What an upstream process answers: `ready` once with its ports by service name, then one `calls` per command. */
export type UpstreamEvent = { kind: 'ready'; ports: Record<string, number> } | { kind: 'calls'; calls: UpstreamCalls };

/**
 * Serves the IPC side of an upstream process: announces the ports, then answers each command with the calls so far.
 *
 * @param ports listening ports by service name
 * @param read calls since the last reset
 * @param reset forgets them
 */
export function serveControl(ports: Record<string, number>, read: () => UpstreamCalls, reset: () => void): void {
  const say = (event: UpstreamEvent) => process.send?.(event);
  process.on('message', (command: UpstreamCommand) => {
    const calls = read();
    if (command.kind === 'reset') reset();
    say({ kind: 'calls', calls });
  });
  // The parent is the only reason to live: no upstream outlives a benchmark that died.
  process.on('disconnect', () => process.exit(0));
  say({ kind: 'ready', ports });
}
