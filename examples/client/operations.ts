import { graphql } from './generated/index.ts';

/** Orders with their customer, what they hold, how much of it there is and where the parcels are: three services in one answer. */
export const ordersOverview = graphql(`
  query OrdersOverview($limit: Int!) {
    orders(limit: $limit, sort: _placed_at) {
      id
      status
      customer {
        name
      }
      items {
        quantity
        product {
          name
          stock {
            onHand
            warehouse {
              city
            }
          }
          reviews {
            rating
          }
        }
      }
      shipments {
        carrier
        status
      }
    }
  }
`);

/** Something of everybody: customers for who works in the shop, a number of the ledger for its admin, how orders are paid for who placed them. */
export const forWhom = graphql(`
  query ForWhom {
    customers(limit: 1) {
      name
    }
    ledger: customer(customerId: "cus_0345") {
      ledgerId
    }
    orders(ids: ["ord_00001", "ord_00002"]) {
      id
      payment {
        __typename
      }
    }
  }
`);

/** What hardly ever changes: its answer is kept, see `sources/catalog/policy.yaml`. */
export const categories = graphql(`
  query Categories {
    categories {
      name
    }
  }
`);
