import { createCustomers } from '../../../examples/lib/data/customers.ts';
import { createOrders } from '../../../examples/lib/data/orders.ts';
import { createProducts } from '../../../examples/lib/data/products.ts';
import { createReviews } from '../../../examples/lib/data/reviews.ts';
import { createShipments } from '../../../examples/lib/data/shipments.ts';
import { createStock, createWarehouses } from '../../../examples/lib/data/stock.ts';
import type { Case } from '../../types.ts';

const orderCount = 20;

/**
 * The joined query of the example shop: orders (REST) with their customers (REST), products (REST) with stock (gRPC) and
 * reviews (REST), and shipments (gRPC) with the order they belong to (REST). Fields are chosen whose names are the same
 * in OpenAPI, in proto and in every server's schema, and whose values every server writes alike (no enums, no 64-bit
 * integers), so that all of them answer the same text with the same data.
 */
export function createShopCases(): Case[] {
  const selection = `{
    id
    total { amountCents }
    customer { name email }
    items { quantity product { name price { amountCents } stock { bins warehouse { name city } } reviews { rating title } } }
    shipments { carrier order { note total { currency } } }
  }`;
  return [
    {
      name: 'shop-join',
      operation: { rootField: 'orders', rest: `(limit:${orderCount})${selection.replaceAll(/\s+/g, ' ')}` },
      expected: expectedOrders(),
      anyOrder: ['stock', 'reviews', 'shipments'],
    },
  ];
}

function expectedOrders(): unknown {
  const customers = new Map(createCustomers().map((row) => [row.id, row]));
  const products = new Map(createProducts().map((row) => [row.id, row]));
  const warehouses = new Map(createWarehouses().map((row) => [row.id, row]));
  const [stock, reviews, shipments] = [createStock(), createReviews(), createShipments()];
  const productOf = (productId: string) => {
    const product = products.get(productId);
    if (!product) return null;
    return {
      name: product.name,
      price: { amountCents: product.price.amountCents },
      stock: stock
        .filter((level) => level.productId === productId)
        .map(({ bins, warehouseId }) => {
          const warehouse = warehouses.get(warehouseId);
          return { bins, warehouse: warehouse ? { name: warehouse.name, city: warehouse.city } : null };
        }),
      reviews: reviews
        .filter((review) => review.productId === productId)
        .map(({ rating, title }) => ({ rating, title })),
    };
  };
  return createOrders()
    .slice(0, orderCount)
    .map((order) => {
      const customer = customers.get(order.customerId);
      return {
        id: order.id,
        total: { amountCents: order.total.amountCents },
        customer: customer ? { name: customer.name, email: customer.email } : null,
        items: order.items.map(({ quantity, productId }) => ({ quantity, product: productOf(productId) })),
        shipments: shipments
          .filter((shipment) => shipment.orderId === order.id)
          .map(({ carrier }) => ({ carrier, order: { note: order.note, total: { currency: order.total.currency } } })),
      };
    });
}
