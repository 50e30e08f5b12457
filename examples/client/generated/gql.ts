/* eslint-disable */
import * as types from './graphql.ts';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query OrdersOverview($limit: Int!) {\n    orders(limit: $limit, sort: _placed_at) {\n      id\n      status\n      customer {\n        name\n      }\n      items {\n        quantity\n        product {\n          name\n          stock {\n            onHand\n            warehouse {\n              city\n            }\n          }\n          reviews {\n            rating\n          }\n        }\n      }\n      shipments {\n        carrier\n        status\n      }\n    }\n  }\n": typeof types.OrdersOverviewDocument,
    "\n  query ForWhom {\n    customers(limit: 1) {\n      name\n    }\n    ledger: customer(customerId: \"cus_0345\") {\n      ledgerId\n    }\n    orders(ids: [\"ord_00001\", \"ord_00002\"]) {\n      id\n      payment {\n        __typename\n      }\n    }\n  }\n": typeof types.ForWhomDocument,
    "\n  query Categories {\n    categories {\n      name\n    }\n  }\n": typeof types.CategoriesDocument,
};
const documents: Documents = {
    "\n  query OrdersOverview($limit: Int!) {\n    orders(limit: $limit, sort: _placed_at) {\n      id\n      status\n      customer {\n        name\n      }\n      items {\n        quantity\n        product {\n          name\n          stock {\n            onHand\n            warehouse {\n              city\n            }\n          }\n          reviews {\n            rating\n          }\n        }\n      }\n      shipments {\n        carrier\n        status\n      }\n    }\n  }\n": types.OrdersOverviewDocument,
    "\n  query ForWhom {\n    customers(limit: 1) {\n      name\n    }\n    ledger: customer(customerId: \"cus_0345\") {\n      ledgerId\n    }\n    orders(ids: [\"ord_00001\", \"ord_00002\"]) {\n      id\n      payment {\n        __typename\n      }\n    }\n  }\n": types.ForWhomDocument,
    "\n  query Categories {\n    categories {\n      name\n    }\n  }\n": types.CategoriesDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query OrdersOverview($limit: Int!) {\n    orders(limit: $limit, sort: _placed_at) {\n      id\n      status\n      customer {\n        name\n      }\n      items {\n        quantity\n        product {\n          name\n          stock {\n            onHand\n            warehouse {\n              city\n            }\n          }\n          reviews {\n            rating\n          }\n        }\n      }\n      shipments {\n        carrier\n        status\n      }\n    }\n  }\n"): typeof import('./graphql.ts').OrdersOverviewDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ForWhom {\n    customers(limit: 1) {\n      name\n    }\n    ledger: customer(customerId: \"cus_0345\") {\n      ledgerId\n    }\n    orders(ids: [\"ord_00001\", \"ord_00002\"]) {\n      id\n      payment {\n        __typename\n      }\n    }\n  }\n"): typeof import('./graphql.ts').ForWhomDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Categories {\n    categories {\n      name\n    }\n  }\n"): typeof import('./graphql.ts').CategoriesDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
