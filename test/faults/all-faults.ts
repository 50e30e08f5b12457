import type { Random } from './chance.ts';
import { clientFaults } from './client-faults.ts';
import type { Fault } from './fault.ts';
import { goawayFaults } from './goaway-faults.ts';
import { graphqlFaults } from './graphql-faults.ts';
import { grpcFaults } from './grpc-faults.ts';
import { joinFaults } from './join-faults.ts';
import { mutationFaults } from './mutation-faults.ts';
import { refusalFaults } from './refusal-faults.ts';
import { repeatedFaults } from './repeated-faults.ts';
import { restFaults } from './rest-faults.ts';
import { subscriptionFaults } from './subscription-faults.ts';
import { tokenFaults } from './token-faults.ts';
import { waitingFaults } from './waiting-faults.ts';

/** Every fault, broken where chance says. */
export function makeFaults(random: Random): Fault[] {
  const reads = [...restFaults(random), ...grpcFaults()];
  return [
    ...reads,
    ...repeatedFaults(reads),
    ...graphqlFaults(random),
    ...subscriptionFaults(),
    ...refusalFaults(),
    ...clientFaults(),
    ...waitingFaults(),
    ...mutationFaults(),
    ...goawayFaults(),
    ...joinFaults(random),
    ...tokenFaults(),
  ];
}
