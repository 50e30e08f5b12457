/** What the upstream answers, so that answers of the gateway can be compared with it. */
export type Row = { id: string; title: string; partnerId: string };
export type Partner = { id: string; name: string };

/** So many rows, each with a partner of its own. */
export function createRows(count: number): Row[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `r${index}`,
    title: `Row ${index} of the list`,
    partnerId: `p${index}`,
  }));
}

export function createPartner(id: string): Partner {
  return { id, name: `Partner ${id}` };
}

export function createThing(id: string): { id: string; name: string; active: boolean; state: string } {
  return { id, name: `Thing ${id}`, active: true, state: 'open' };
}
