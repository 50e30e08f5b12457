/** The container files, as far as reading them can tell. */
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { listFiles, readText } from './repository.ts';

/** Instructions of a Dockerfile, continued lines joined, comments dropped. */
function readDockerfile(): { readonly name: string; readonly rest: string }[] {
  return readText('Dockerfile')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => ({ name: line.split(' ', 1)[0] ?? '', rest: line.slice(line.indexOf(' ') + 1).trim() }));
}

const stages = new Map<string, { name: string; rest: string }[]>();
for (const instruction of readDockerfile()) {
  if (instruction.name === 'FROM') stages.set(/ AS (\S+)$/.exec(instruction.rest)?.[1] ?? '', []);
  [...stages.values()].at(-1)?.push(instruction);
}

function only(stage: string, name: string): string[] {
  return (stages.get(stage) ?? []).filter((instruction) => instruction.name === name).map(({ rest }) => rest);
}

describe('Dockerfile', () => {
  it('has instructions that exist, and stages that exist', () => {
    const known = ['FROM', 'WORKDIR', 'COPY', 'RUN', 'ENV', 'USER', 'EXPOSE', 'CMD', 'HEALTHCHECK'];
    expect(readDockerfile().filter(({ name }) => !known.includes(name))).toEqual([]);
    const used = readDockerfile().flatMap(({ rest }) => /--from=(\S+)/.exec(rest)?.[1] ?? []);
    expect(used.filter((stage) => !stages.has(stage))).toEqual([]);
    for (const [base = ''] of [...stages.keys()].map((stage) => only(stage, 'FROM'))) {
      const image = base.split(' ')[0] ?? '';
      expect(stages.has(image) || /^node:\d+-bookworm-slim$/.test(image), image).toBe(true);
    }
  });

  it.each(['gateway', 'examples'])(
    'runs %s as an ordinary user, without a shell between it and its signals',
    (stage) => {
      expect(only(stage, 'USER')).toEqual(['node']);
      const [command = ''] = only(stage, 'CMD');
      expect(z.array(z.string()).min(1).safeParse(JSON.parse(command)).success).toBe(true);
    },
  );

  it('ships the gateway last, without development dependencies, and watches its health', () => {
    expect([...stages.keys()].at(-1)).toBe('gateway');
    expect(only('dependencies', 'RUN')).toEqual(['npm ci --omit=dev']);
    expect(only('gateway', 'CMD')).toEqual(['["node", "dist/tributary.js", "serve"]']);
    expect(only('gateway', 'HEALTHCHECK').join()).toContain('/health/live');
  });

  it('copies what exists', () => {
    const files = listFiles();
    const copied = readDockerfile()
      .filter(({ name, rest }) => name === 'COPY' && !rest.includes('--from='))
      .flatMap(({ rest }) => rest.split(' ').slice(0, -1))
      .filter((path) => path !== '.' && !path.includes('['));
    expect(copied.filter((path) => !files.some((file) => file === path || file.startsWith(`${path}/`)))).toEqual([]);
  });
});

const service = z.object({
  build: z.object({ context: z.literal('.'), target: z.string() }).optional(),
  image: z.string().optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.literal('service_healthy') })).optional(),
  network_mode: z.string().optional(),
  environment: z.record(z.string(), z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  healthcheck: z.object({ test: z.array(z.string()).min(2) }).optional(),
});

describe('docker-compose.yml', () => {
  const { services } = z
    .object({ services: z.record(z.string(), service) })
    .parse(parse(readText('docker-compose.yml')));

  it('runs gateway, Redis and the example services, from stages that exist or a pinned image', () => {
    expect(Object.keys(services).sort()).toEqual(['gateway', 'redis', 'shop']);
    for (const [name, { build, image }] of Object.entries(services)) {
      if (build !== undefined) expect(stages.has(build.target), name).toBe(true);
      else expect(image, name).toMatch(/:\d+\.\d+/);
    }
  });

  it('shows the gateway a configuration that exists, and leaves it out of the image', () => {
    const { environment = {}, volumes = [] } = services['gateway'] ?? {};
    const config = environment['TRIBUTARY_CONFIG'] ?? '';
    expect(listFiles()).toContain(config);
    expect(volumes).toEqual([`./${config}:/app/${config}:ro`]);
    expect(only('gateway', 'COPY').join(' ')).not.toContain('examples');
  });

  it('waits only for services that exist and can say that they are healthy', () => {
    const awaited = Object.values(services).flatMap(({ depends_on, network_mode }) => [
      ...Object.keys(depends_on ?? {}),
      ...(network_mode?.startsWith('service:') ? [network_mode.slice('service:'.length)] : []),
    ]);
    expect(awaited.length).toBeGreaterThan(0);
    for (const name of awaited) expect(services[name]?.healthcheck, name).toBeDefined();
  });
});
