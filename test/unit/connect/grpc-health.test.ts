/** What the health service of a gRPC endpoint may say, and what is made of it. */
import { Metadata, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { endpointHealth } from '../../../gateway/config/rules.ts';
import { type HealthOptions, startHealthChecks } from '../../../gateway/connect/chain/health.ts';
import { startFaultyGrpc } from '../../kit/faulty-upstream.ts';
import { until } from '../../kit/until.ts';

const CHECK = '/grpc.health.v1.Health/Check';
type Reply = sendUnaryData<Buffer>;

/** What is reported of an endpoint that answers so, the first time something is. */
async function firstReport(
  answer: (reply: Reply, call: ServerUnaryCall<Buffer, Buffer>) => void,
  rest: Partial<HealthOptions> = {},
): Promise<{ healthy: boolean | undefined; calls: number }> {
  await using upstream = await startFaultyGrpc([CHECK], (call, reply) => answer(reply, call));
  const reports: boolean[] = [];
  const policy = { ...endpointHealth.parse({ failures: 1 }), intervalMs: 1, timeoutMs: 100 };
  const report = (_endpoint: number, healthy: boolean): void => void reports.push(healthy);
  const options = { source: 'shop', kind: 'grpc', endpoints: [upstream.endpoint], policy, report } as const;
  await using _checks = startHealthChecks({ ...options, random: () => 0.5, ...rest });
  await until(() => reports.length > 0);
  return { healthy: reports[0], calls: upstream.calls() };
}

const says = (bytes: number[]) => (reply: Reply) => reply(null, Buffer.from(bytes));
const fails = (code: status) => (reply: Reply) => reply({ code, details: 'no', metadata: new Metadata() });

describe('an endpoint', () => {
  it.each([
    ['SERVING', says([0x08, 1]), true],
    ['SERVING, with fields of a later version', says([0x12, 1, 0x61, 0x08, 1]), true],
    ['SERVICE_UNKNOWN', says([0x08, 3]), false],
    ['NOT_SERVING', says([0x08, 2]), false],
    ['UNKNOWN, which is no field at all', says([]), false],
    ['something that is no message', says([0x08, 0xff]), false],
    ['that there is no such service', fails(status.UNIMPLEMENTED), true],
    ['that it knows nothing of this server', fails(status.NOT_FOUND), false],
    ['that it is not there for anybody', fails(status.UNAVAILABLE), false],
    ['nothing at all', () => undefined, false],
  ])('that says %s', async (_, answer, healthy) => {
    expect((await firstReport(answer)).healthy).toBe(healthy);
  });

  it('is asked by the time it has to answer, without a name of a service', async () => {
    let asked: { bytes: number; leftMs: number } | undefined;
    await firstReport((reply, call) => {
      asked ??= { bytes: call.request.length, leftMs: Number(call.getDeadline()) - Date.now() };
      reply(null, Buffer.from([0x08, 1]));
    });
    expect(asked?.bytes).toBe(0);
    expect(asked?.leftMs).toBeLessThanOrEqual(110);
  });

  it('whose name leads where it must not is not asked, and is not well', async () => {
    const guard = { lookup: () => undefined, check: () => Promise.reject(new Error('internal')) };
    expect(await firstReport(says([0x08, 1]), { guards: [guard] })).toEqual({ healthy: false, calls: 0 });
  });
});
