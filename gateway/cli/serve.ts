import { randomUUID } from 'node:crypto';
import { createApp } from '../app.ts';
import { openResponseCache } from '../cache/resources.ts';
import { formatFaults } from '../config/faults.ts';
import { loadGatewayConfig } from '../config/load.ts';
import { openCallResources } from '../connect/resources.ts';
import { openLimits } from '../limit/open.ts';
import { createEvents } from '../observe/events.ts';
import { createLog } from '../observe/log.ts';
import { createMetrics } from '../observe/metrics.ts';
import { openRecords } from '../record/open.ts';
import { createBuilder } from '../registry/builder.ts';
import { openRegistry } from '../registry/registry.ts';
import { openStore } from '../registry/store/open.ts';
import type { Supply } from '../registry/supply.ts';
import { openSupply } from '../registry/supply.ts';
import { openOperations } from '../validate/open-operations.ts';
import type { Command } from './command.ts';
import { columns, dirOption, projectDir } from './command.ts';
import type { Io } from './io.ts';
import { exitCodes } from './io.ts';

/** Serves until SIGTERM or SIGINT; SIGHUP takes up what changed in the project folder. */
export const serve: Command = {
  name: 'serve',
  summary: 'Serve the project as one GraphQL API, until SIGTERM or Ctrl-C',
  options: {
    dir: dirOption,
    watch: { type: 'boolean', description: 'take up changes of .meshrc.yaml and sources/ while serving' },
  },
  examples: ['tributary serve', 'tributary serve --dir examples/shop --watch', 'PORT=8080 tributary serve'],
  async run(io, values) {
    const dir = projectDir(io, values);
    const loaded = await loadGatewayConfig({ dir, env: io.env });
    if (!loaded.ok) {
      io.err(`${formatFaults(loaded.faults)}\n`);
      return exitCodes.bad;
    }
    const config = loaded.value;
    const log = createLog(config.log);
    const metrics = createMetrics({ process: true });
    const events = createEvents({ log, metrics });
    const resources = { config, events, metrics, now: Date.now };
    // Signals are ours from here on: one that comes during the start stops the gateway just after it.
    let supply: Supply | undefined;
    const signals = listenForEnd(io, (reason) => void supply?.refresh(reason));
    try {
      await using calls = await openCallResources({
        config,
        now: Date.now,
        random: Math.random,
        onStoreFault: (error) => events.callStoreFailed({ error }),
      });
      await using operations = await openRecords({
        config: config.operations,
        now: Date.now,
        onFault: (error) => events.operationStoreFailed({ error }),
      });
      await using responseCache = await openResponseCache({
        config: config.responseCache,
        events,
        randomId: randomUUID,
        now: Date.now,
      });
      await using limits = await openLimits({
        ...resources,
        onFault: (error) => events.limitStoreFailed({ error }),
      });
      await using persisted = await openOperations({
        ...resources,
        onFault: (error) => events.persistedStoreFailed({ error }),
      });
      const project = { dir, env: io.env };
      await using store = await openStore(config.registry, {
        dir,
        now: Date.now,
        onFault: (error) => events.registryFailed({ error }),
      });
      const builder = createBuilder({ limits: config.build });
      const watch = config.watch || values['watch'] === true;
      supply = await openSupply({ ...resources, ...project, resources: calls, store, builder, watch });
      await using opened = supply;
      const shared = { ...resources, ...project, supply: opened, operations, builder };
      await using registry = openRegistry({ ...shared, store, random: Math.random });
      await using app = createApp({
        ...resources,
        supply: opened,
        log,
        randomId: randomUUID,
        breakers: calls.breakers,
        registrar: registry.registrar,
        operations,
        responseCache,
        limits,
        persisted,
      });
      const urls = await app.listen();
      events.started({ graphql: `${urls.url}/graphql`, admin: urls.admin, startMs: Math.round(io.uptimeMs()) });
      if (io.isTerminal) io.out(describeUrls(urls, config.graphiql.enabled));
      await signals.ended;
      return exitCodes.ok;
    } catch (error) {
      const fault = addressFault(error);
      if (fault === undefined) throw error;
      io.err(`tributary: ${fault}\n`);
      return exitCodes.bad;
    } finally {
      signals.stop();
    }
  },
};

function listenForEnd(io: Io, refresh: (reason: string) => void): { ended: Promise<void>; stop: () => void } {
  let stop = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    stop = io.onSignal((signal) => {
      if (signal === 'SIGHUP') refresh(signal);
      else resolve();
    });
  });
  return { ended, stop };
}

function describeUrls({ url, admin }: { url: string; admin: string }, graphiql: boolean): string {
  const rows: [string, string][] = [['GraphQL', `${url}/graphql`]];
  if (graphiql) rows.push(['GraphiQL', `${url}/graphql (in a browser)`]);
  rows.push(['Admin', `${admin}/health/ready, ${admin}/metrics`]);
  return ['', ...columns(rows), '', ''].join('\n');
}

/** Only what the system says about a port is the user's to change. */
function addressFault(error: unknown): string | undefined {
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const at = `${address}:${port}`;
  if (code === 'EADDRINUSE') return `${at} is in use: stop what listens there, or set PORT and ADMIN_PORT to others`;
  if (code === 'EACCES') return `${at} is not allowed for this user: set PORT and ADMIN_PORT above 1023`;
  return code === 'EADDRNOTAVAIL' ? `${at} is no address of this machine: set HOST and ADMIN_HOST` : undefined;
}
