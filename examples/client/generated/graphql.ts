/* eslint-disable */
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null | undefined;
export type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type MakeOptional<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]?: Maybe<T[SubKey]> };
export type MakeMaybe<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]: Maybe<T[SubKey]> };
export type MakeEmpty<T extends { [key: string]: unknown }, K extends keyof T> = { [_ in K]?: never };
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** Bytes as base64 text (RFC 4648 §4). */
  Bytes: { input: string; output: string; }
  DateTime: { input: string; output: string; }
  /** A signed 64-bit integer. Answers hold it as a string of digits, so that no client rounds it. */
  Int64: { input: string | number; output: string; }
  /** No value: the answer is always null. */
  Void: { input: null; output: null; }
};

/** Where it was taken from */
export type AddPictureAngle =
  | 'close_up'
  | 'front'
  | 'in_use'
  | 'size_chart';

export type AddPictureInput = {
  /** Where it was taken from */
  readonly angle?: InputMaybe<AddPictureAngle>;
  /** What to say beside it */
  readonly caption?: InputMaybe<Scalars['String']['input']>;
  /** The picture itself, 48 KiB at most */
  readonly file: Scalars['Bytes']['input'];
  /** Its place among the pictures of the product */
  readonly position?: InputMaybe<Scalars['Int']['input']>;
  /** Id of the product */
  readonly productId: Scalars['String']['input'];
};

/** Where parcels go */
export type Address = {
  readonly __typename?: 'Address';
  /** Example: `Ghent` */
  readonly city: Scalars['String']['output'];
  /**
   * ISO 3166-1 alpha-2
   *
   * Example: `BE`
   */
  readonly country: Scalars['String']['output'];
  /** Example: `9000` */
  readonly postalCode: Scalars['String']['output'];
  /** Example: `12 Mill Lane` */
  readonly street: Scalars['String']['output'];
};

/** Where parcels go */
export type AddressInput = {
  /** Example: `Ghent` */
  readonly city: Scalars['String']['input'];
  /**
   * ISO 3166-1 alpha-2
   *
   * Example: `BE`
   */
  readonly country: Scalars['String']['input'];
  /** Example: `9000` */
  readonly postalCode: Scalars['String']['input'];
  /** Example: `12 Mill Lane` */
  readonly street: Scalars['String']['input'];
};

/** Where a picture was taken from */
export type Angle =
  | 'close_up'
  | 'front'
  | 'in_use'
  | 'size_chart';

/** Which orders; at most 500. */
export type BatchGetShipmentsRequestInput = {
  /** Ids of the orders. */
  readonly orderIds?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

/** The shipments that were found. */
export type BatchGetShipmentsResponse = {
  readonly __typename?: 'BatchGetShipmentsResponse';
  /** The shipments. */
  readonly shipments: ReadonlyArray<Shipment>;
};

/** Which pairs; at most 500. */
export type BatchGetStockAtRequestInput = {
  /** The pairs. */
  readonly keys?: InputMaybe<ReadonlyArray<StockKeyInput>>;
};

/** The stock that was found. */
export type BatchGetStockAtResponse = {
  readonly __typename?: 'BatchGetStockAtResponse';
  /** A row per pair. */
  readonly stocks: ReadonlyArray<StockLevel>;
};

/** Which products; at most 500. */
export type BatchGetStockRequestInput = {
  /** Ids of the products. */
  readonly productIds?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

/** The stock that was found. */
export type BatchGetStockResponse = {
  readonly __typename?: 'BatchGetStockResponse';
  /** A row per product and warehouse. */
  readonly stocks: ReadonlyArray<StockLevel>;
};

/** Paid by card */
export type CardPayment = {
  readonly __typename?: 'CardPayment';
  /**
   * Name of the card network
   *
   * Example: `Maestro`
   */
  readonly brand: Scalars['String']['output'];
  /** Always `card`. */
  readonly kind: Scalars['String']['output'];
  /**
   * Last digits of the card
   *
   * Example: `4242`
   */
  readonly lastFour: Scalars['String']['output'];
};

/** A shelf of the shop */
export type Category = {
  readonly __typename?: 'Category';
  /** Example: `cat_03` */
  readonly id: Scalars['String']['output'];
  /** Example: `Lighting` */
  readonly name: Scalars['String']['output'];
  /** Id of the category around it; null at the top */
  readonly parentId?: Maybe<Scalars['String']['output']>;
};

/** State a product is sold in */
export type Condition =
  | 'new'
  | 'open_box'
  | 'refurbished';

/** Somebody who buys */
export type Customer = {
  readonly __typename?: 'Customer';
  readonly address: Address;
  /**
   * When the customer registered
   *
   * Example: `2024-05-04T10:00:00.000Z`
   */
  readonly createdAt: Scalars['DateTime']['output'];
  /**
   * Where receipts go
   *
   * Example: `mira.okafor.1@mail.example`
   */
  readonly email: Scalars['String']['output'];
  /**
   * Nobody has sent a fax since 2019; write to email
   *
   * Example: `+32 9 555 01 01`
   * @deprecated Deprecated by the contract.
   */
  readonly fax?: Maybe<Scalars['String']['output']>;
  /** Example: `cus_0001` */
  readonly id: Scalars['String']['output'];
  /**
   * Number of the account in the ledger; beyond the safe integers of JavaScript
   *
   * Example: `9007199254741992`
   */
  readonly ledgerId: Scalars['Int64']['output'];
  /**
   * Points collected so far
   *
   * Example: `1250`
   */
  readonly loyaltyPoints: Scalars['Int64']['output'];
  /**
   * Full name
   *
   * Example: `Mira Okafor`
   */
  readonly name: Scalars['String']['output'];
  /**
   * How the customer likes to be called; null when they never said
   *
   * Example: `Mo`
   */
  readonly nickname?: Maybe<Scalars['String']['output']>;
  /** All orders the customer placed */
  readonly orders?: Maybe<ReadonlyArray<Order>>;
  readonly tier: CustomerTier;
};

/** What may change about a customer */
export type CustomerPatchInput = {
  readonly address?: InputMaybe<AddressInput>;
  readonly email?: InputMaybe<Scalars['String']['input']>;
  /**
   * Full name
   *
   * Example: `Mira Okafor`
   */
  readonly name?: InputMaybe<Scalars['String']['input']>;
  readonly nickname?: InputMaybe<Scalars['String']['input']>;
  readonly tier?: InputMaybe<CustomerTier>;
};

/** How good a customer somebody is */
export type CustomerTier =
  | 'gold'
  | 'gold_plus'
  | 'standard';

/** Size and weight of one packed piece */
export type Dimensions = {
  readonly __typename?: 'Dimensions';
  readonly depthMm: Scalars['Int']['output'];
  readonly heightMm: Scalars['Int']['output'];
  readonly weightGrams: Scalars['Int']['output'];
  readonly widthMm: Scalars['Int']['output'];
};

/** Size and weight of one packed piece */
export type DimensionsInput = {
  readonly depthMm: Scalars['Int']['input'];
  readonly heightMm: Scalars['Int']['input'];
  readonly weightGrams: Scalars['Int']['input'];
  readonly widthMm: Scalars['Int']['input'];
};

/** Which shipment. */
export type GetShipmentRequestInput = {
  /** Id of the shipment. */
  readonly shipmentId?: InputMaybe<Scalars['String']['input']>;
};

/** Which stock. */
export type GetStockRequestInput = {
  /** Id of the product. */
  readonly productId?: InputMaybe<Scalars['String']['input']>;
  /** Id of the warehouse; empty means the one that holds most of it. */
  readonly warehouseId?: InputMaybe<Scalars['String']['input']>;
};

/** Paid against an invoice */
export type InvoicePayment = {
  readonly __typename?: 'InvoicePayment';
  /**
   * Days until the invoice is due
   *
   * Example: `30`
   */
  readonly dueDays: Scalars['Int']['output'];
  /** Example: `INV-2025-00017` */
  readonly invoiceNumber: Scalars['String']['output'];
  /** Always `invoice`. */
  readonly kind: Scalars['String']['output'];
};

/** Which warehouses. */
export type ListWarehousesRequestInput = {
  /** ISO 3166-1 alpha-2; empty means all countries. */
  readonly country?: InputMaybe<Scalars['String']['input']>;
};

/** The warehouses. */
export type ListWarehousesResponse = {
  readonly __typename?: 'ListWarehousesResponse';
  /** The warehouses by id. */
  readonly warehouses: ReadonlyArray<Warehouse>;
};

/** An amount in one currency */
export type Money = {
  readonly __typename?: 'Money';
  /**
   * Amount in the hundredth part of the currency
   *
   * Example: `3998`
   */
  readonly amountCents: Scalars['Int']['output'];
  /**
   * ISO 4217
   *
   * Example: `EUR`
   */
  readonly currency: Scalars['String']['output'];
};

/** An amount in one currency */
export type MoneyInput = {
  /**
   * Amount in the hundredth part of the currency
   *
   * Example: `3998`
   */
  readonly amountCents: Scalars['Int']['input'];
  /**
   * ISO 4217
   *
   * Example: `EUR`
   */
  readonly currency: Scalars['String']['input'];
};

export type Mutation = {
  readonly __typename?: 'Mutation';
  /** Upload a picture of a product */
  readonly addPicture?: Maybe<Picture>;
  /** Register a customer */
  readonly createCustomer?: Maybe<Customer>;
  /** Place an order */
  readonly createOrder?: Maybe<Order>;
  /** Put a product on sale */
  readonly createProduct?: Maybe<Product>;
  /** Review a product */
  readonly createReview?: Maybe<Review>;
  /**
   * Forget a customer
   *
   * The customer's orders stay; they then belong to nobody.
   */
  readonly deleteCustomer?: Maybe<Scalars['Void']['output']>;
  /** Remove an order */
  readonly deleteOrder?: Maybe<Scalars['Void']['output']>;
  /** Remove a picture */
  readonly deletePicture?: Maybe<Scalars['Void']['output']>;
  /**
   * Take a product off the shop
   *
   * Its reviews stay and orders keep naming it.
   */
  readonly deleteProduct?: Maybe<Scalars['Void']['output']>;
  /** Take a review down */
  readonly deleteReview?: Maybe<Scalars['Void']['output']>;
  /** Takes pieces out of the free stock; FAILED_PRECONDITION when there are too few. */
  readonly reserveStock?: Maybe<ReserveStockResponse>;
  /**
   * Change a customer
   *
   * Fields that are left out stay as they are; a nickname of null is removed.
   */
  readonly updateCustomer?: Maybe<Customer>;
  /** Change an order */
  readonly updateOrder?: Maybe<Order>;
  /**
   * Change what is said of a picture
   *
   * Fields that are left out stay as they are; a caption of null is removed.
   */
  readonly updatePicture?: Maybe<Picture>;
  /**
   * Change a product
   *
   * Fields that are left out stay as they are; a description of null is removed.
   */
  readonly updateProduct?: Maybe<Product>;
};


export type MutationAddPictureArgs = {
  input: AddPictureInput;
};


export type MutationCreateCustomerArgs = {
  input: NewCustomerInput;
};


export type MutationCreateOrderArgs = {
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  input: NewOrderInput;
};


export type MutationCreateProductArgs = {
  input: NewProductInput;
};


export type MutationCreateReviewArgs = {
  input: NewReviewInput;
};


export type MutationDeleteCustomerArgs = {
  customerId: Scalars['String']['input'];
};


export type MutationDeleteOrderArgs = {
  orderId: Scalars['String']['input'];
};


export type MutationDeletePictureArgs = {
  pictureId: Scalars['String']['input'];
};


export type MutationDeleteProductArgs = {
  productId: Scalars['String']['input'];
};


export type MutationDeleteReviewArgs = {
  reviewId: Scalars['String']['input'];
};


export type MutationReserveStockArgs = {
  input?: InputMaybe<ReserveStockRequestInput>;
};


export type MutationUpdateCustomerArgs = {
  customerId: Scalars['String']['input'];
  input: CustomerPatchInput;
};


export type MutationUpdateOrderArgs = {
  input: OrderPatchInput;
  orderId: Scalars['String']['input'];
};


export type MutationUpdatePictureArgs = {
  input: PicturePatchInput;
  pictureId: Scalars['String']['input'];
};


export type MutationUpdateProductArgs = {
  input: ProductPatchInput;
  productId: Scalars['String']['input'];
};

/** What registering takes */
export type NewCustomerInput = {
  readonly address: AddressInput;
  readonly email: Scalars['String']['input'];
  /**
   * Full name
   *
   * Example: `Mira Okafor`
   */
  readonly name: Scalars['String']['input'];
  readonly nickname?: InputMaybe<Scalars['String']['input']>;
  readonly tier?: InputMaybe<CustomerTier>;
};

/** What placing an order takes */
export type NewOrderInput = {
  /** Example: `cus_0001` */
  readonly customerId: Scalars['String']['input'];
  readonly items: ReadonlyArray<OrderItemInput>;
  /**
   * What the customer asked for
   *
   * Example: `Please ring twice`
   */
  readonly note?: InputMaybe<Scalars['String']['input']>;
  readonly payment: NewPaymentInput;
};

/** How a new order will be paid; brand and lastFour belong to cards, dueDays to invoices */
export type NewPaymentInput = {
  readonly brand?: InputMaybe<Scalars['String']['input']>;
  readonly dueDays?: InputMaybe<Scalars['Int']['input']>;
  readonly kind: PaymentKind;
  readonly lastFour?: InputMaybe<Scalars['String']['input']>;
};

/** What putting a product on sale takes */
export type NewProductInput = {
  readonly categoryId: Scalars['String']['input'];
  readonly condition: Condition;
  readonly description?: InputMaybe<Scalars['String']['input']>;
  readonly dimensions?: InputMaybe<DimensionsInput>;
  readonly name: Scalars['String']['input'];
  readonly price: MoneyInput;
  readonly sku: Scalars['String']['input'];
  readonly tags?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

/** What a review takes */
export type NewReviewInput = {
  readonly body?: InputMaybe<Scalars['String']['input']>;
  readonly customerId: Scalars['String']['input'];
  readonly productId: Scalars['String']['input'];
  readonly rating: Scalars['Int']['input'];
  /** A few words */
  readonly title: Scalars['String']['input'];
};

/** What a customer bought in one go */
export type Order = {
  readonly __typename?: 'Order';
  /** The customer who placed the order; null when they asked to be forgotten */
  readonly customer?: Maybe<Customer>;
  /** Example: `cus_0001` */
  readonly customerId: Scalars['String']['output'];
  /** Example: `ord_00001` */
  readonly id: Scalars['String']['output'];
  /** The lines of the order */
  readonly items: ReadonlyArray<Maybe<OrderItem>>;
  /**
   * Number of the order in the system before this one; use id
   *
   * Example: `A-100001`
   * @deprecated Deprecated by the contract.
   */
  readonly legacyReference?: Maybe<Scalars['String']['output']>;
  /**
   * What the customer asked for
   *
   * Example: `Please ring twice`
   */
  readonly note?: Maybe<Scalars['String']['output']>;
  /** How an order is paid */
  readonly payment: PaymentMethod;
  /**
   * When the order was placed
   *
   * Example: `2025-11-03T09:30:00.000Z`
   */
  readonly placedAt: Scalars['DateTime']['output'];
  /** The parcels of the order */
  readonly shipments?: Maybe<ReadonlyArray<Shipment>>;
  readonly status: OrderStatus;
  readonly total: Money;
};

/** A state an order entered */
export type OrderEvent = {
  readonly __typename?: 'OrderEvent';
  /**
   * When it entered the state
   *
   * Example: `2025-11-03T09:30:00.000Z`
   */
  readonly at: Scalars['DateTime']['output'];
  readonly status: OrderStatus;
};

/** One line of an order */
export type OrderItem = {
  readonly __typename?: 'OrderItem';
  /** The product as it is sold today; null when it was taken off the shop */
  readonly product?: Maybe<Product>;
  /**
   * Id of the product in the catalog
   *
   * Example: `prd_0007`
   */
  readonly productId: Scalars['String']['output'];
  /**
   * How many pieces
   *
   * Example: `2`
   */
  readonly quantity: Scalars['Int']['output'];
  /**
   * Price of one piece in cents when the order was placed
   *
   * Example: `1999`
   */
  readonly unitPriceCents: Scalars['Int']['output'];
};

/** One line of an order */
export type OrderItemInput = {
  /**
   * Id of the product in the catalog
   *
   * Example: `prd_0007`
   */
  readonly productId: Scalars['String']['input'];
  /**
   * How many pieces
   *
   * Example: `2`
   */
  readonly quantity: Scalars['Int']['input'];
  /**
   * Price of one piece in cents when the order was placed
   *
   * Example: `1999`
   */
  readonly unitPriceCents: Scalars['Int']['input'];
};

/** What may change about an order */
export type OrderPatchInput = {
  /**
   * What the customer asked for
   *
   * Example: `Please ring twice`
   */
  readonly note?: InputMaybe<Scalars['String']['input']>;
  readonly status?: InputMaybe<OrderStatus>;
};

/** By which field a list of orders is sorted; a minus sorts downwards */
export type OrderSort =
  | '_placed_at'
  | 'placed_at';

/** Where an order stands */
export type OrderStatus =
  | 'cancelled'
  | 'delivered'
  | 'in_transit'
  | 'paid'
  | 'pending';

/** Size and weight of a parcel. */
export type Parcel = {
  readonly __typename?: 'Parcel';
  /** Shortest side in millimetres. */
  readonly heightMm: Scalars['Int']['output'];
  /** Longest side in millimetres. */
  readonly lengthMm: Scalars['Int']['output'];
  /** Weight in grams. */
  readonly weightGrams: Scalars['Int64']['output'];
  /** Middle side in millimetres. */
  readonly widthMm: Scalars['Int']['output'];
};

/** Ways to pay */
export type PaymentKind =
  | 'card'
  | 'invoice';

/** How an order is paid */
export type PaymentMethod = CardPayment | InvoicePayment;

/** A picture of a product */
export type Picture = {
  readonly __typename?: 'Picture';
  readonly angle?: Maybe<Angle>;
  /** How many bytes it has */
  readonly byteCount?: Maybe<Scalars['Int']['output']>;
  /** What to say beside it; null when there is nothing to say */
  readonly caption?: Maybe<Scalars['String']['output']>;
  /**
   * The same for two pictures of the same bytes; beyond what a double holds
   *
   * Example: `6149008514797121000`
   */
  readonly fingerprint?: Maybe<Scalars['Int64']['output']>;
  /** Example: `pic_00001` */
  readonly id?: Maybe<Scalars['String']['output']>;
  /**
   * What its bytes are
   *
   * Example: `image/gif`
   */
  readonly mediaType?: Maybe<Scalars['String']['output']>;
  /** Its place among the pictures of the product */
  readonly position?: Maybe<Scalars['Int']['output']>;
  /** The product it shows; null when it was taken off the shop */
  readonly product?: Maybe<Product>;
  /**
   * Id of the product
   *
   * Example: `prd_0001`
   */
  readonly productId?: Maybe<Scalars['String']['output']>;
  readonly uploadedAt?: Maybe<Scalars['DateTime']['output']>;
};

export type PicturePatchInput = {
  readonly angle?: InputMaybe<Angle>;
  readonly caption?: InputMaybe<Scalars['String']['input']>;
  readonly position?: InputMaybe<Scalars['Int']['input']>;
};

export type PicturesAngle =
  | 'close_up'
  | 'front'
  | 'in_use'
  | 'size_chart';

/** Something the shop sells */
export type Product = {
  readonly __typename?: 'Product';
  /** What differs by kind of product, such as its colour */
  readonly attributes: ReadonlyArray<StringEntry>;
  /** The category the product stands in */
  readonly category?: Maybe<Category>;
  /**
   * Id of the category it stands in
   *
   * Example: `cat_03`
   */
  readonly categoryId: Scalars['String']['output'];
  readonly condition: Condition;
  /**
   * When it came on sale
   *
   * Example: `2024-02-01T08:00:00.000Z`
   */
  readonly createdAt: Scalars['DateTime']['output'];
  /** A few sentences; null when nobody wrote them yet */
  readonly description?: Maybe<Scalars['String']['output']>;
  readonly dimensions: Dimensions;
  /**
   * Barcode number of the old tills; use sku
   *
   * Example: `4006381000079`
   * @deprecated Deprecated by the contract.
   */
  readonly ean?: Maybe<Scalars['String']['output']>;
  /**
   * Id of the product
   *
   * Example: `prd_0007`
   */
  readonly id: Scalars['String']['output'];
  /** Example: `Walnut desk lamp` */
  readonly name: Scalars['String']['output'];
  /** What the product looks like */
  readonly pictures?: Maybe<ReadonlyArray<Picture>>;
  readonly price: Money;
  readonly rating: Rating;
  /** What buyers wrote about the product */
  readonly reviews?: Maybe<ReadonlyArray<Review>>;
  /**
   * Number on the shelf
   *
   * Example: `LMP-0007`
   */
  readonly sku: Scalars['String']['output'];
  /** How much there is, one row per warehouse */
  readonly stock?: Maybe<ReadonlyArray<StockLevel>>;
  /** Words to find it by */
  readonly tags: ReadonlyArray<Maybe<Scalars['String']['output']>>;
  /**
   * Pieces sold since it came on sale
   *
   * Example: `1830`
   */
  readonly unitsSold: Scalars['Int64']['output'];
};

/** What may change about a product */
export type ProductPatchInput = {
  readonly categoryId?: InputMaybe<Scalars['String']['input']>;
  readonly condition?: InputMaybe<Condition>;
  readonly description?: InputMaybe<Scalars['String']['input']>;
  readonly name?: InputMaybe<Scalars['String']['input']>;
  readonly price?: InputMaybe<MoneyInput>;
  readonly tags?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

export type Query = {
  readonly __typename?: 'Query';
  /** Shipments of many orders. One order may have several, orders without are left out, and rows come in no particular order. */
  readonly batchGetShipments?: Maybe<BatchGetShipmentsResponse>;
  /** Stock of many products in all warehouses. Products without stock are left out, and rows come in no particular order. */
  readonly batchGetStock?: Maybe<BatchGetStockResponse>;
  /** Stock of many pairs of product and warehouse. Pairs that do not exist are left out, and rows come in no particular order. */
  readonly batchGetStockAt?: Maybe<BatchGetStockAtResponse>;
  /**
   * The ten products that sold most
   *
   * A leftover of the old home page; read `unitsSold` instead.
   * @deprecated Deprecated by the contract.
   */
  readonly bestsellers?: Maybe<ReadonlyArray<Maybe<Product>>>;
  /** Categories, by keys or all of them */
  readonly categories?: Maybe<ReadonlyArray<Maybe<Category>>>;
  /** One category */
  readonly category?: Maybe<Category>;
  /** One customer */
  readonly customer?: Maybe<Customer>;
  /**
   * Orders of one customer
   *
   * Ask `/orders?customerIds=` instead; it answers many customers at once.
   * @deprecated Deprecated by the contract.
   */
  readonly customerOrders?: Maybe<ReadonlyArray<Maybe<Order>>>;
  /**
   * Customers, by keys or as a list
   *
   * With `ids` it answers those customers that exist, in no particular order. Without, it lists customers by id, a page at a time.
   */
  readonly customers?: Maybe<ReadonlyArray<Maybe<Customer>>>;
  /**
   * What happened to an order
   *
   * The states the order went through, oldest first.
   */
  readonly getOrdersByOrderIdTimeline?: Maybe<ReadonlyArray<Maybe<OrderEvent>>>;
  /** One shipment; NOT_FOUND when there is none of this id. */
  readonly getShipment?: Maybe<Shipment>;
  /** Stock of one product in one warehouse; NOT_FOUND when it is not kept there. */
  readonly getStock?: Maybe<StockLevel>;
  /** All warehouses, or those of one country. */
  readonly listWarehouses?: Maybe<ListWarehousesResponse>;
  /** One order */
  readonly order?: Maybe<Order>;
  /**
   * Orders, by keys or as a list
   *
   * With `ids` or `customerIds` it answers all orders that match both, in no particular order; `limit`, `offset` and `sort` have no effect then.
   * Without, it lists orders a page at a time.
   */
  readonly orders?: Maybe<ReadonlyArray<Maybe<Order>>>;
  /** One picture */
  readonly picture?: Maybe<Picture>;
  /** The picture itself */
  readonly pictureFile?: Maybe<Scalars['Bytes']['output']>;
  /**
   * Pictures, by keys or as a list
   *
   * With `ids` or `productIds` it answers those pictures that exist, in no particular order. Without, it lists pictures by id, a page at a time.
   */
  readonly pictures?: Maybe<ReadonlyArray<Maybe<Picture>>>;
  /** One product */
  readonly product?: Maybe<Product>;
  /**
   * Products, by keys or as a list
   *
   * With `ids` it answers those products that exist, in no particular order. Without, it lists products by id, a page at a time.
   */
  readonly products?: Maybe<ReadonlyArray<Maybe<Product>>>;
  /** One review */
  readonly review?: Maybe<Review>;
  /**
   * Reviews, by keys or as a list
   *
   * With `productIds` or `customerIds` it answers all reviews that match both, in no particular order. Without, it lists reviews, newest first, a page at a time.
   */
  readonly reviews?: Maybe<ReadonlyArray<Maybe<Review>>>;
};


export type QueryBatchGetShipmentsArgs = {
  input?: InputMaybe<BatchGetShipmentsRequestInput>;
};


export type QueryBatchGetStockArgs = {
  input?: InputMaybe<BatchGetStockRequestInput>;
};


export type QueryBatchGetStockAtArgs = {
  input?: InputMaybe<BatchGetStockAtRequestInput>;
};


export type QueryCategoriesArgs = {
  ids?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};


export type QueryCategoryArgs = {
  categoryId: Scalars['String']['input'];
};


export type QueryCustomerArgs = {
  customerId: Scalars['String']['input'];
};


export type QueryCustomerOrdersArgs = {
  customerId: Scalars['String']['input'];
};


export type QueryCustomersArgs = {
  ids?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  limit?: InputMaybe<Scalars['Int']['input']>;
  offset?: InputMaybe<Scalars['Int']['input']>;
  tier?: InputMaybe<CustomerTier>;
};


export type QueryGetOrdersByOrderIdTimelineArgs = {
  orderId: Scalars['String']['input'];
};


export type QueryGetShipmentArgs = {
  input?: InputMaybe<GetShipmentRequestInput>;
};


export type QueryGetStockArgs = {
  input?: InputMaybe<GetStockRequestInput>;
};


export type QueryListWarehousesArgs = {
  input?: InputMaybe<ListWarehousesRequestInput>;
};


export type QueryOrderArgs = {
  orderId: Scalars['String']['input'];
};


export type QueryOrdersArgs = {
  customerIds?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  ids?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  limit?: InputMaybe<Scalars['Int']['input']>;
  offset?: InputMaybe<Scalars['Int']['input']>;
  placedAfter?: InputMaybe<Scalars['DateTime']['input']>;
  sort?: InputMaybe<OrderSort>;
  status?: InputMaybe<OrderStatus>;
};


export type QueryPictureArgs = {
  pictureId: Scalars['String']['input'];
};


export type QueryPictureFileArgs = {
  pictureId: Scalars['String']['input'];
};


export type QueryPicturesArgs = {
  angle?: InputMaybe<PicturesAngle>;
  ids?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  limit?: InputMaybe<Scalars['Int']['input']>;
  offset?: InputMaybe<Scalars['Int']['input']>;
  productIds?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};


export type QueryProductArgs = {
  productId: Scalars['String']['input'];
};


export type QueryProductsArgs = {
  categoryId?: InputMaybe<Scalars['String']['input']>;
  condition?: InputMaybe<Condition>;
  ids?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  limit?: InputMaybe<Scalars['Int']['input']>;
  maxPriceCents?: InputMaybe<Scalars['Int']['input']>;
  offset?: InputMaybe<Scalars['Int']['input']>;
  search?: InputMaybe<Scalars['String']['input']>;
};


export type QueryReviewArgs = {
  reviewId: Scalars['String']['input'];
};


export type QueryReviewsArgs = {
  customerIds?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  limit?: InputMaybe<Scalars['Int']['input']>;
  minRating?: InputMaybe<Scalars['Int']['input']>;
  offset?: InputMaybe<Scalars['Int']['input']>;
  productIds?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

/** What reviews add up to */
export type Rating = {
  readonly __typename?: 'Rating';
  /**
   * Mean number of stars; null without reviews
   *
   * Example: `4.2`
   */
  readonly average?: Maybe<Scalars['Float']['output']>;
  /** How many reviews */
  readonly count: Scalars['Int']['output'];
};

/** What to reserve. */
export type ReserveStockRequestInput = {
  /** Id of the order they are for. */
  readonly orderId?: InputMaybe<Scalars['String']['input']>;
  /** Id of the product. */
  readonly productId?: InputMaybe<Scalars['String']['input']>;
  /** How many pieces; at least one. */
  readonly quantity?: InputMaybe<Scalars['Int64']['input']>;
  /** Id of the warehouse. */
  readonly warehouseId?: InputMaybe<Scalars['String']['input']>;
};

/** What was reserved. */
export type ReserveStockResponse = {
  readonly __typename?: 'ReserveStockResponse';
  /** Proof of the reservation. */
  readonly reservationToken: Scalars['Bytes']['output'];
  /** The stock after the reservation. */
  readonly stock?: Maybe<StockLevel>;
};

/** What a buyer thinks of a product */
export type Review = {
  readonly __typename?: 'Review';
  /** The whole story; null when there is only a title */
  readonly body?: Maybe<Scalars['String']['output']>;
  /** Example: `2025-10-12T18:20:00.000Z` */
  readonly createdAt: Scalars['DateTime']['output'];
  /** Who wrote the review; null when they asked to be forgotten */
  readonly customer?: Maybe<Customer>;
  /**
   * Id of the customer who wrote it; the customer may be gone
   *
   * Example: `cus_0001`
   */
  readonly customerId: Scalars['String']['output'];
  /** Example: `rev_00001` */
  readonly id: Scalars['String']['output'];
  /** The product the review is about */
  readonly product?: Maybe<Product>;
  /**
   * Id of the product
   *
   * Example: `prd_0001`
   */
  readonly productId: Scalars['String']['output'];
  /** Stars */
  readonly rating: Scalars['Int']['output'];
  /** Example: `Does what it says` */
  readonly title: Scalars['String']['output'];
  /** Whether the customer bought the product here */
  readonly verified: Scalars['Boolean']['output'];
};

/** A parcel on its way to a customer. */
export type Shipment = {
  readonly __typename?: 'Shipment';
  /** Who carries it. */
  readonly carrier: Scalars['String']['output'];
  /** When it was handed over, in milliseconds since 1970; absent before that. */
  readonly deliveredAtMs?: Maybe<Scalars['Int64']['output']>;
  /** Id of the shipment. */
  readonly id: Scalars['String']['output'];
  /** Symbol printed on the label. */
  readonly labelCode: Scalars['Bytes']['output'];
  /** What is inside. */
  readonly lines: ReadonlyArray<ShipmentLine>;
  /** The order the parcel belongs to */
  readonly order?: Maybe<Order>;
  /** Id of the order it belongs to. */
  readonly orderId: Scalars['String']['output'];
  /** The parcel. */
  readonly parcel?: Maybe<Parcel>;
  /** When it left, in RFC 3339; empty while it is packed. */
  readonly shippedAt: Scalars['String']['output'];
  /** Where it is. */
  readonly status: ShipmentStatus;
  /** Number to follow it by. */
  readonly trackingNumber: Scalars['String']['output'];
};

/** Pieces of one product in a parcel. */
export type ShipmentLine = {
  readonly __typename?: 'ShipmentLine';
  /** The product inside; null when it was taken off the shop */
  readonly product?: Maybe<Product>;
  /** Id of the product. */
  readonly productId: Scalars['String']['output'];
  /** How many pieces. */
  readonly quantity: Scalars['Int']['output'];
  /** What is left where the pieces came from; null when the warehouse does not keep the product */
  readonly stock?: Maybe<StockLevel>;
  /** Id of the warehouse the pieces came from. */
  readonly warehouseId: Scalars['String']['output'];
};

/** Where a parcel is. */
export type ShipmentStatus =
  /** Handed over. */
  | 'SHIPMENT_STATUS_DELIVERED'
  /** With the carrier. */
  | 'SHIPMENT_STATUS_IN_TRANSIT'
  /** Being packed. */
  | 'SHIPMENT_STATUS_PACKING'
  /** Unknown. */
  | 'SHIPMENT_STATUS_UNSPECIFIED'
  /** A number that the contract has no name for. It cannot be sent. */
  | 'UNRECOGNIZED';

/** A product in a warehouse. */
export type StockKeyInput = {
  /** Id of the product. */
  readonly productId?: InputMaybe<Scalars['String']['input']>;
  /** Id of the warehouse. */
  readonly warehouseId?: InputMaybe<Scalars['String']['input']>;
};

/** How many pieces of one product lie in one warehouse. */
export type StockLevel = {
  readonly __typename?: 'StockLevel';
  /** Pieces a supplier announced; absent when none did. */
  readonly announced?: Maybe<Scalars['Int']['output']>;
  /** Shelves that hold the pieces. */
  readonly bins: ReadonlyArray<Scalars['String']['output']>;
  /** Checksum of the last count. */
  readonly countChecksum: Scalars['Bytes']['output'];
  /** When the pieces were last counted, in milliseconds since 1970. */
  readonly countedAtMs: Scalars['Int64']['output'];
  /** Number of the last booking in the ledger; beyond the safe integers of JavaScript. */
  readonly ledgerSequence: Scalars['Int64']['output'];
  /** Pieces on the shelves. */
  readonly onHand: Scalars['Int64']['output'];
  /** The product; null when it was taken off the shop */
  readonly product?: Maybe<Product>;
  /** Id of the product. */
  readonly productId: Scalars['String']['output'];
  /** Pieces that are promised to orders. */
  readonly reserved: Scalars['Int64']['output'];
  /**
   * First shelf; use bins.
   * @deprecated Deprecated by the contract.
   */
  readonly shelf: Scalars['String']['output'];
  /** What the numbers mean for a buyer. */
  readonly status: StockStatus;
  /** The warehouse itself. */
  readonly warehouse?: Maybe<Warehouse>;
  /** Id of the warehouse. */
  readonly warehouseId: Scalars['String']['output'];
};

/** How much there is of a product. */
export type StockStatus =
  /** Plenty. */
  | 'STOCK_STATUS_IN_STOCK'
  /** Fewer than ten pieces are free. */
  | 'STOCK_STATUS_LOW'
  /** Nothing is free. */
  | 'STOCK_STATUS_SOLD_OUT'
  /** Nobody counted yet. */
  | 'STOCK_STATUS_UNSPECIFIED'
  /** A number that the contract has no name for. It cannot be sent. */
  | 'UNRECOGNIZED';

export type StringEntry = {
  readonly __typename?: 'StringEntry';
  readonly key: Scalars['String']['output'];
  readonly value?: Maybe<Scalars['String']['output']>;
};

export type Subscription = {
  readonly __typename?: 'Subscription';
  /** Stock of one product in all its warehouses, and again each row that changes; NOT_FOUND when it is kept nowhere. */
  readonly watchStock?: Maybe<StockLevel>;
};


export type SubscriptionWatchStockArgs = {
  input?: InputMaybe<WatchStockRequestInput>;
};

/** A building with shelves. */
export type Warehouse = {
  readonly __typename?: 'Warehouse';
  /** Cubic centimetres it can hold. */
  readonly capacityCm3: Scalars['Int64']['output'];
  /** City it stands in. */
  readonly city: Scalars['String']['output'];
  /** ISO 3166-1 alpha-2. */
  readonly country: Scalars['String']['output'];
  /** Id of the warehouse. */
  readonly id: Scalars['String']['output'];
  /** What people call it. */
  readonly name: Scalars['String']['output'];
};

/** Which stock to follow. */
export type WatchStockRequestInput = {
  /** Id of the product. */
  readonly productId?: InputMaybe<Scalars['String']['input']>;
};

export type OrdersOverviewQueryVariables = Exact<{
  limit: Scalars['Int']['input'];
}>;


export type OrdersOverviewQuery = { readonly __typename?: 'Query', readonly orders?: ReadonlyArray<{ readonly __typename?: 'Order', readonly id: string, readonly status: OrderStatus, readonly customer?: { readonly __typename?: 'Customer', readonly name: string } | null, readonly items: ReadonlyArray<{ readonly __typename?: 'OrderItem', readonly quantity: number, readonly product?: { readonly __typename?: 'Product', readonly name: string, readonly stock?: ReadonlyArray<{ readonly __typename?: 'StockLevel', readonly onHand: string, readonly warehouse?: { readonly __typename?: 'Warehouse', readonly city: string } | null }> | null, readonly reviews?: ReadonlyArray<{ readonly __typename?: 'Review', readonly rating: number }> | null } | null } | null>, readonly shipments?: ReadonlyArray<{ readonly __typename?: 'Shipment', readonly carrier: string, readonly status: ShipmentStatus }> | null } | null> | null };

export type ForWhomQueryVariables = Exact<{ [key: string]: never; }>;


export type ForWhomQuery = { readonly __typename?: 'Query', readonly customers?: ReadonlyArray<{ readonly __typename?: 'Customer', readonly name: string } | null> | null, readonly ledger?: { readonly __typename?: 'Customer', readonly ledgerId: string } | null, readonly orders?: ReadonlyArray<{ readonly __typename?: 'Order', readonly id: string, readonly payment:
      | { readonly __typename: 'CardPayment' }
      | { readonly __typename: 'InvoicePayment' }
     } | null> | null };

export type CategoriesQueryVariables = Exact<{ [key: string]: never; }>;


export type CategoriesQuery = { readonly __typename?: 'Query', readonly categories?: ReadonlyArray<{ readonly __typename?: 'Category', readonly name: string } | null> | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const OrdersOverviewDocument = new TypedDocumentString(`
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
    `) as unknown as TypedDocumentString<OrdersOverviewQuery, OrdersOverviewQueryVariables>;
export const ForWhomDocument = new TypedDocumentString(`
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
    `) as unknown as TypedDocumentString<ForWhomQuery, ForWhomQueryVariables>;
export const CategoriesDocument = new TypedDocumentString(`
    query Categories {
  categories {
    name
  }
}
    `) as unknown as TypedDocumentString<CategoriesQuery, CategoriesQueryVariables>;