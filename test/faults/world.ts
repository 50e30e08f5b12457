/** Opens the world of one fault: servers that fail and servers that do not, and a gateway over them. */
import { join } from 'node:path';
import { createEvents } from '../../gateway/observe/events.ts';
import { createLog } from '../../gateway/observe/log.ts';
import { createMetrics } from '../../gateway/observe/metrics.ts';
import { openSupply } from '../../gateway/registry/supply.ts';
import { readSettings, startApp } from '../kit/app.ts';
import type { FaultyUpstream } from '../kit/faulty-upstream.ts';
import { endpointVariable, prepareProject } from '../kit/project.ts';
import { root } from '../repository.ts';
import { type Fault, type FaultyWorld, healthy, type SourceName } from './fault.ts';

const LIBRARY = 'test/cases/worlds/library';

export async function startUpstreams({ upstreams = {} }: Fault): Promise<Record<SourceName, FaultyUpstream>> {
  const start = { ...healthy, ...upstreams };
  const [people, stock] = [await start.people(), await start.stock()];
  return { people, stock, ratings: await start.ratings(), posts: await start.posts() };
}

/** @returns the world, and what closes the gateway; upstreams stay the caller's to close */
export async function openWorld(
  { policies = {}, endpoints = {}, world = LIBRARY, store, ...fault }: Fault,
  upstreams: FaultyWorld['upstreams'],
): Promise<{ world: FaultyWorld; close: () => Promise<void> }> {
  const overrides = Object.fromEntries(Object.entries(policies).map(([name, policy]) => [name, { policy }]));
  const project = await prepareProject(join(root, world), overrides);
  const env: Record<string, string> = {};
  // Sources that nobody asks stand at the sibling's address.
  for (const name of project.sources.keys()) env[endpointVariable(name)] = upstreams.posts.endpoint;
  for (const [name, { endpoint }] of Object.entries(upstreams)) env[endpointVariable(name)] = endpoint;
  for (const [name, endpoint] of Object.entries(endpoints)) env[endpointVariable(name)] = endpoint;
  // Storms are of one operation's fields: it is larger than what people write.
  const settings = { operationLimits: { rootFields: 1000, aliases: 1000 }, ...fault.settings };
  const config = readSettings(settings);
  const events = createEvents({ log: createLog({ level: 'silent', pretty: 'off' }), metrics: createMetrics() });
  let ahead = 0;
  const now = (): number => Date.now() + ahead;
  const resources = store ? { resources: { store } } : {};
  const supply = await openSupply({ dir: project.dir, env, config, events, now, watch: false, ...resources });
  const generation = supply.current();
  if (generation === undefined || supply.faults().length > 0) throw new Error(supply.faults().join('; '));
  const app = startApp(supply, settings, now);
  let listening: Promise<{ url: string }> | undefined;
  return {
    world: {
      app,
      upstreams,
      schema: generation.schema,
      url: async () => {
        listening ??= app.listen();
        return (await listening).url;
      },
      advance: (ms) => {
        ahead += ms;
      },
    },
    close: async () => {
      await app[Symbol.asyncDispose]();
      await supply[Symbol.asyncDispose]();
    },
  };
}
