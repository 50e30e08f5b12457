import type { FastifyInstance } from 'fastify';
import type { CallCounter } from '../call-counter.ts';
import type { FaultSetting, Faults } from '../faults.ts';

/**
 * Adds what tests and demos use to look at a service and to disturb it. These routes are not part of the contract.
 *
 * `GET /__calls` and `DELETE /__calls` read and reset the counter; `PUT /__faults/{operation}` with
 * `{ "delayMs": 50, "fault": "status:503", "times": 3 }`, `GET /__faults` and `DELETE /__faults` set, read and clear misbehaviour.
 */
export function addControlRoutes(app: FastifyInstance, calls: CallCounter, faults: Faults): void {
  app.get('/__calls', async () => ({
    total: calls.total(),
    cancelled: calls.cancelled(),
    byOperation: calls.byOperation(),
    calls: calls.list(),
  }));
  app.delete('/__calls', async (_request, reply) => {
    calls.reset();
    return await reply.code(204).send();
  });
  app.get('/__faults', async () => faults.list());
  // A wildcard, because the name of an operation without operationId holds slashes.
  app.put<{ Params: { '*': string }; Body: FaultSetting }>('/__faults/*', async (request, reply) => {
    faults.set(request.params['*'], request.body);
    return await reply.code(204).send();
  });
  app.delete('/__faults', async (_request, reply) => {
    faults.clear();
    return await reply.code(204).send();
  });
}
