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
