/** What becomes of what is denied in every way an answer can come: whole, in parts, as events, explained, refused. */
import { afterEach, describe, expect, it } from 'vitest';
import { ask } from '../kit/serve-feed.ts';
import { connect, subscribeMessage } from '../kit/socket.ts';
import { namesOf, openVault, VAULT, type VaultGateway } from './vault.ts';

const open: VaultGateway[] = [];
afterEach(async () => {
  for (const vault of open.splice(0)) await vault.app[Symbol.asyncDispose]();
});
function start(settings: Readonly<Record<string, unknown>> = {}, sdl?: string): VaultGateway {
  const vault = openVault(settings, sdl);
  open.push(vault);
  return vault;
}
async function serve(settings: Readonly<Record<string, unknown>> = {}) {
  const vault = start(settings);
  return { vault, url: `${(await vault.app.listen()).url}/graphql` };
}

describe('what a GraphQL source is asked', () => {
  it('holds no denied field, holds what rules look at, and is never empty', async () => {
    const vault = start();
    const textOf = async (who: string, query: string) => {
      await vault.ask(who, query);
      return vault.calls.map(({ selection }) => selection?.text);
    };
    expect(await textOf('ada', '{ person(id: "a") { name email mail: email(kind: "x") } }')).toEqual([
      '{ name: name }',
    ]);
    expect(await textOf('admin', '{ person(id: "a") { name email } }')).toEqual(['{ name: name email: email }']);
    expect(await textOf('ada', '{ person(id: "a") { email } }')).toEqual(['{ __typename }']);
    expect(await textOf('ada', '{ person(id: "a") { salary more: salary } }')).toEqual([
      '{ _k_id: id salary: salary more: salary }',
    ]);
  });
});

describe('onDenied: operation', () => {
  const settings = { authorization: { onDenied: 'operation' } };

  it('refuses the whole of it, names what to leave out, and calls nobody', async () => {
    const vault = start(settings);
    const { status, body } = await vault.ask('ada', '{ open staff a: staff orders { label } }');
    expect(status).toBe(403);
    expect(body).toEqual({
      errors: [
        {
          message: 'The operation asks for what is not for you: leave out Query.staff, Order.label.',
          extensions: { code: 'FORBIDDEN', retryable: false, denied: ['Query.staff', 'Order.label'] },
        },
      ],
    });
    expect(vault.calls).toEqual([]);
    expect((await vault.ask('ada', '{ open orders { id } }')).status).toBe(200);
  });

  it.each([
    ['multipart/mixed', '{ open ... @defer { staff } }'],
    ['text/event-stream', '{ open orders { id ... @defer { label } } }'],
    ['multipart/mixed', '{ open orders @stream(initialCount: 0) { id label } }'],
    ['text/event-stream', 'subscription { ticks { id secret } }'],
  ])('refuses what would come in parts before the first of them, and calls nobody (%s): %s', async (accept, query) => {
    const { vault, url } = await serve(settings);
    const { response, parts } = await ask(url, query, accept, vault.proofOf(query.includes('ticks') ? 'bo' : 'ada'));
    const all = response.headers.get('content-type')?.includes('json') ? [await response.json()] : await parts.rest();
    expect(all).toEqual([
      { errors: [expect.objectContaining({ extensions: expect.objectContaining({ code: 'FORBIDDEN' }) })] },
    ]);
    expect(JSON.stringify(all)).toContain('The operation asks for what is not for you: leave out');
    expect(vault.calls).toEqual([]);
    const client = await connect(url, { headers: vault.proofOf(query.includes('ticks') ? 'bo' : 'ada') });
    client.send(subscribeMessage('1', query));
    expect([await client.next(), await client.next()]).toMatchObject([
      { type: 'next', payload: { errors: [{ extensions: { code: 'FORBIDDEN' } }] } },
      { type: 'complete' },
    ]);
    expect(vault.calls).toEqual([]);
    client.socket.close();
  });

  it('takes the part back where only an object of it showed that it is not for who asks', async () => {
    const { vault, url } = await serve(settings);
    const query = '{ open ... @defer { parcels { number } } }';
    const { parts } = await ask(url, query, 'multipart/mixed', vault.proofOf('ada'));
    const [first, ...later] = await parts.rest();
    expect(first).toMatchObject({ data: { open: 'open' } });
    expect(JSON.stringify(later)).not.toContain('"number":1');
    expect(JSON.stringify(later).match(/FORBIDDEN/g)).toHaveLength(2);
  });

  it('takes the data back where only an object showed that it is not for who asks', async () => {
    const vault = start(settings);
    const { body } = await vault.ask('ada', '{ open parcels { number } }');
    expect(body.data).toBeNull();
    expect(body.errors?.map(({ path }) => path)).toEqual([
      ['parcels', 1],
      ['parcels', 2],
    ]);
  });
});

describe('events', () => {
  it('of a denied subscription never begin', async () => {
    const { vault, url } = await serve();
    const { parts } = await ask(url, 'subscription { ticks { id } }', 'text/event-stream', vault.proofOf('ada'));
    expect(await parts.rest()).toMatchObject([{ errors: [{ extensions: { code: 'FORBIDDEN' } }] }]);
    const client = await connect(url, { headers: vault.proofOf('ada') });
    client.send(subscribeMessage('1', 'subscription { ticks { id } }'));
    expect(await client.next()).toMatchObject({ payload: { errors: [{ extensions: { code: 'FORBIDDEN' } }] } });
    expect(vault.calls).toEqual([]);
  });

  it('leave out what is denied, and objects of others', async () => {
    const { vault, url } = await serve();
    const told = async (who: string, query: string) =>
      (await ask(url, query, 'text/event-stream', vault.proofOf(who))).parts.rest();
    expect(await told('bo', 'subscription { ticks { id secret } }')).toMatchObject([
      { data: { ticks: { id: 't1', secret: null } }, errors: [{ path: ['ticks', 'secret'] }] },
    ]);
    expect(await told('bo', 'subscription { parcels { number } }')).toMatchObject([
      { data: { parcels: null }, errors: [{ path: ['parcels'], extensions: { code: 'FORBIDDEN' } }] },
      { data: { parcels: { number: 2 } } },
    ]);
  });
});

describe('an answer in parts', () => {
  it('has an error in the part where something was denied', async () => {
    const { vault, url } = await serve();
    const query = '{ open ... @defer { staff orders(ids: ["o1"]) { id ... @defer { label total } } } }';
    const { parts } = await ask(url, query, 'multipart/mixed', vault.proofOf('ada'));
    const all = JSON.stringify(await parts.rest());
    expect(all).toContain('"staff":null');
    expect(all).toContain('"label":null');
    expect(all).toContain('"total":7');
    expect(all.match(/FORBIDDEN/g)).toHaveLength(2);
    expect(namesOf(vault.calls)).toEqual(['shop.open', 'shop.orders']);
  });
});

describe('explain', () => {
  it('shows what who asks would have called, and what is denied', async () => {
    const vault = start({ explain: { principals: ['key:ada', 'key:admin'] } });
    const query = '{ staff orders { label customer { name email } reviews { stars } } }';
    const explained = async (who: string) => {
      const { body } = await vault.ask(who, query, { headers: { 'x-tributary-explain': 'plan' } });
      return body.extensions?.['explain'] as {
        predictedCalls: number;
        denied?: { coordinate: string; path: string }[];
      };
    };
    const ada = await explained('ada');
    expect(ada.predictedCalls).toBe(2);
    expect(ada.denied).toEqual([
      { path: 'staff', coordinate: 'Query.staff' },
      { path: 'orders.label', coordinate: 'Order.label' },
      { path: 'orders.customer.email', coordinate: 'Person.email' },
      { path: 'orders.reviews', coordinate: 'Order.reviews' },
    ]);
    expect(JSON.stringify(ada)).toContain('"selection":"name: name"');
    expect(await explained('admin')).toMatchObject({ predictedCalls: 4 });
    expect(vault.calls).toEqual([]);
  });
});

describe('the schema', () => {
  const query = '{ __schema { queryType { name } } }';
  const codes = ({ body }: { body: { errors?: { extensions: Record<string, unknown> }[] } }) =>
    body.errors?.map(({ extensions }) => extensions['code']);

  it('is for those whose role may see it, whoever asked first', async () => {
    const vault = start({ introspection: { allow: 'roles', roles: ['admin'] } });
    for (const who of ['ada', 'admin', undefined, 'admin', 'ada']) {
      const answer = await vault.ask(who, query);
      expect([who, codes(answer)]).toEqual([who, who === 'admin' ? undefined : ['FORBIDDEN']]);
    }
    expect(codes(await vault.ask(undefined, '{ a: __type(name: "Order") { name } }'))).toEqual(['FORBIDDEN']);
    expect((await vault.ask(undefined, '{ __typename }')).body).toEqual({ data: { __typename: 'Query' } });
  });

  it('is for nobody, or for everybody, where that is said', async () => {
    expect(codes(await start({ introspection: { allow: 'nobody' } }).ask('admin', query))).toEqual(['FORBIDDEN']);
    expect(codes(await start().ask(undefined, query))).toBeUndefined();
  });

  it('does not leak in suggestions to who may not see it', async () => {
    const vault = start({ introspection: { allow: 'roles', roles: ['admin'] } });
    const wrong = [
      ['{ ope }', {}],
      ['{ orders(inernal: true) { id } }', {}],
      ['query($f: Filter) { orders(filter: $f) { id } }', { f: { statu: 'x' } }],
      ['{ orders(filter: { statu: "x" }) { id } }', {}],
      ['{ node(id: "1") { ... on Memoo { id } } }', {}],
    ] as const;
    for (const [document, variables] of wrong) {
      for (const who of ['admin', 'ada', 'admin', undefined]) {
        const { body } = await vault.ask(who, document, { variables });
        expect([who, document, JSON.stringify(body.errors).includes('Did you mean')]).toEqual([
          who,
          document,
          who === 'admin',
        ]);
      }
    }
  });
});

describe('rules that cannot be asked', () => {
  const broken = (rule: string) => VAULT.replace('signedIn: String', `signedIn(id: ID): String ${rule}`);
  const cases: [string, RegExp][] = [
    ['@policy(name: "nobodyKnows")', /^Query\.signedIn: the rule nobodyKnows is not known; there are claimEquals/],
    ['@policy(name: "claimEqualsArgument", claim: "sub")', /needs claim and argument/],
    ['@policy(name: "claimEqualsArgument", claim: "sub", argument: "id", field: "id")', /looks at no object/],
    ['@policy(name: "claimEqualsField", claim: "sub")', /needs field/],
  ];

  it.each(cases)('let nobody through, and keep no gateway from starting: %s', async (rule, message) => {
    const vault = start({}, broken(rule));
    const { body } = await vault.ask('admin', '{ open signedIn }');
    expect(body).toMatchObject({
      data: { open: 'open', signedIn: null },
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    });
    expect(vault.app.lines).toContainEqual(
      expect.objectContaining({
        msg: 'rules that cannot be asked let nobody through',
        faults: [expect.stringMatching(message)],
      }),
    );
  });

  it.each(cases)('keep a generation from taking the place of another: %s', async (rule, message) => {
    const vault = start();
    const next = start({}, broken(rule));
    expect(() => vault.supply.swap(next.generation)).toThrow(message);
    expect((await vault.ask('admin', '{ signedIn }')).body).toEqual({ data: { signedIn: 'signedIn' } });
  });

  it.each([
    ['@requiresScopes(scopes: [])', /@requiresScopes: scopes/],
    ['@requiresRole', /@requiresRole: roles/],
  ])('cannot even be read: %s', (rule, message) => {
    expect(() => start({}, broken(rule))).toThrow(message);
  });
});
