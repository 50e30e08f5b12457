import { randomUUID } from 'node:crypto';
import { type App, createApp } from '../app.ts';
import { openResponseCache } from '../cache/resources.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { openCallResources } from '../connect/resources.ts';
import { standBackForAWhile } from '../lib/stand-back.ts';
import { realTimer } from '../lib/timer.ts';
import { openLimits } from '../limit/open.ts';
import { createEvents } from '../observe/events.ts';
import { createLog } from '../observe/log.ts';
import { createMetrics } from '../observe/metrics.ts';
import { openRecords } from '../record/open.ts';
import { createBuilder } from '../registry/builder.ts';
import { openRegistry } from '../registry/registry.ts';
import { openStore } from '../registry/store/open.ts';
import { type Successor, unfitness } from '../registry/successor.ts';
import type { Supply } from '../registry/supply.ts';
import { openSupply } from '../registry/supply.ts';
import { openOperations } from '../validate/open-operations.ts';
import { columns } from './command.ts';
import type { ExitCode, Io, Parent } from './io.ts';
import { exitCodes } from './io.ts';
import { openBus } from './supervise/bus.ts';
import { adopt, carry } from './supervise/carry.ts';
import { createDeskLimits } from './supervise/desk.ts';
import { settingsId } from './supervise/settings.ts';
import { openSuccession, type Succession } from './supervise/succession.ts';
import { joinOthers } from './supervise/together.ts';

export type ServeOptions = {
  /** The project folder. */
  readonly dir: string;
  readonly config: GatewayConfig;
  readonly watch: boolean;
  /** The supervisor, where there is one. */
  readonly parent?: Parent | undefined;
  /** How many serve side by side. */
  readonly workers: number;
};

/** Serves in this process: until SIGTERM or SIGINT, or until another has taken over. SIGHUP makes it look for changes. */
export async function serveHere(io: Io, { dir, config, watch, parent, workers }: ServeOptions): Promise<ExitCode> {
  const bus = parent && workers > 1 ? openBus({ parent, after: realTimer }) : undefined;
  const log = createLog({ ...config.log, isShared: bus !== undefined });
  const metrics = createMetrics({ process: true });
  const events = createEvents({ log, metrics });
  const resources = { config, events, metrics, now: Date.now };
  // Signals are ours from here on: one that comes during the start stops the gateway just after it.
  let supply: Supply | undefined;
  let leave = (): void => undefined;
  const end = listenForEnd(io, (reason) => void supply?.refresh(reason));
  try {
    await using calls = await openCallResources({
      config,
      now: Date.now,
      random: Math.random,
      onStoreFault: (error) => events.callStoreFailed({ error }),
      marks: bus?.channel('changed'),
    });
    await using ownOperations = await openRecords({
      config: config.operations,
      now: Date.now,
      onFault: (error) => events.operationStoreFailed({ error }),
    });
    await using responseCache = await openResponseCache({
      config: config.responseCache,
      events,
      randomId: randomUUID,
      now: Date.now,
      dropped: bus?.channel('answersDropped'),
    });
    await using limits = await openLimits({
      ...resources,
      onFault: (error) => events.limitStoreFailed({ error }),
      local: bus && createDeskLimits(bus.desk),
    });
    await using persisted = await openOperations({
      ...resources,
      onFault: (error) => events.persistedStoreFailed({ error }),
      registered: bus?.channel('registered'),
    });
    const project = { dir, env: io.env };
    await using store = await openStore(config.registry, {
      dir,
      now: Date.now,
      onFault: (error) => events.registryFailed({ error }),
    });
    const builder = createBuilder({ limits: config.build });
    const carried = { operations: ownOperations, limits, breakers: calls.breakers };
    const over = (): void => {
      leave();
      end.now();
    };
    const together = bus && joinOthers(bus, { metrics, breakers: calls.breakers, operations: ownOperations });
    const succession = parent && (await openSuccession(parent, { carry: () => carry(carried), over }));
    // Who makes a large generation beside a process that serves has time.
    const comeForward = succession?.wanted && (await standBackForAWhile(config.build.niceness));
    const leads = bus && (() => bus.standing().leads);
    const successor = succession && successorBy(succession, config);
    const supplied = { ...resources, ...project, resources: calls, store, builder, watch, successor, leads };
    supply = await openSupply(supplied);
    await using opened = supply;
    const operations = together?.operations ?? ownOperations;
    const shared = { ...resources, ...project, supply: opened, operations, builder };
    await using registry = openRegistry({ ...shared, store, random: Math.random, leads });
    await using app = createApp({
      ...resources,
      supply: opened,
      log,
      randomId: randomUUID,
      breakers: together?.breakers ?? calls.breakers,
      together,
      registrar: registry.registrar,
      operations,
      responseCache,
      limits,
      persisted,
    });
    leave = () => {
      void app.leave();
      void registry.contracts[Symbol.asyncDispose]();
    };
    const reason = succession && misfit(succession, config, opened);
    if (reason !== undefined) {
      succession?.refuse(reason);
      return exitCodes.bad;
    }
    if (succession?.wanted || bus) await warm(app);
    if (succession?.wanted) {
      const given = await succession.ready();
      comeForward?.();
      if (given) adopt(given, carried);
    }
    await together?.begin({ refresh: opened.refresh, readiness: app.readiness, onLead: registry.contracts.follow });
    const urls = await app.listen();
    succession?.serving();
    const startMs = Math.round(io.uptimeMs());
    const worker = bus?.standing().self.worker;
    events.started({ graphql: `${urls.url}/graphql`, admin: urls.admin, startMs, pid: io.pid, worker });
    if (io.isTerminal && !succession?.wanted && (worker ?? 1) === 1)
      io.out(describeUrls(urls, config.graphiql.enabled));
    opened.onSwap(() => together?.swapped());
    void together?.compare();
    await end.ended;
    return exitCodes.ok;
  } catch (error) {
    const fault = addressFault(error);
    if (fault === undefined) throw error;
    io.err(`tributary: ${fault}\n`);
    return exitCodes.bad;
  } finally {
    end.stop();
  }
}

/** Large generations are made by a fresh process that the supervisor starts. */
function successorBy({ succeed }: Succession, config: GatewayConfig): Successor | undefined {
  const { freshProcessBytes, maxMs } = config.build;
  if (freshProcessBytes === 0) return undefined;
  return {
    aboveBytes: freshProcessBytes,
    async takeOver(wanted) {
      const message = await succeed({ ...wanted, settings: settingsId(config) }, maxMs);
      return message === undefined ? { ok: true } : { ok: false, message };
    },
  };
}

/** Why this process must not take over; undefined where it may. */
function misfit({ wanted, settings }: Succession, config: GatewayConfig, supply: Supply): string | undefined {
  const started = wanted?.settings ?? settings;
  if (started !== undefined && started !== settingsId(config))
    return 'gateway.yaml is not what this gateway was started with: start it again to take it up.';
  if (!wanted) return undefined;
  const reached = { generation: supply.current()?.id, revision: supply.revision(), faults: supply.faults() };
  return unfitness(wanted, reached);
}

/** The first answer is slower than all later ones: code is compiled, and what is made on demand is made. Nobody shall wait for that. */
async function warm(app: Pick<App, 'fetch'>): Promise<void> {
  const request = new Request('http://localhost/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ __typename }' }),
  });
  await (await app.fetch(request)).text();
}

type End = { readonly ended: Promise<void>; now(): void; stop(): void };

function listenForEnd(io: Io, refresh: (reason: string) => void): End {
  let now = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    now = resolve;
  });
  const stop = io.onSignal((signal) => {
    if (signal === 'SIGHUP') refresh(signal);
    else now();
  });
  return { ended, now: () => now(), stop };
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
