// Types of `crossdock-sdk/sample`, which native tests import.

import type {
  Address,
  Candidates,
  Context,
  DecimalLike,
  Document,
  Header,
  Order,
  Payment,
  PostMap,
  PreMap,
  Route,
  RouteOrder,
  Settable,
  Value,
  Verdict,
  Warehouse,
} from "./index.js";

/** One edit, as the host records it. */
export interface Change {
  /** `lines[3].unit-price`, `shipping.amount`, `fields.NAME`, `lines[3].fields.NAME`, `tags`, … */
  path: string;
  before: Value;
  after: Value;
  reason: string;
}

export interface SampleLine {
  sku: string;
  quantity: DecimalLike;
  unitPrice: DecimalLike;
  id?: string;
  name?: string;
  productType?: string;
  discount?: DecimalLike;
  taxRate?: DecimalLike;
  fields?: Record<string, Settable>;
}

export interface SampleOrder {
  segment?: string;
  header?: Partial<Omit<Header, "subtotal" | "discount" | "shipping" | "tax" | "total">>;
  lines?: SampleLine[];
  discount?: DecimalLike;
  shipping?: DecimalLike;
  billingAddress?: Partial<Address>;
  shippingAddress?: Partial<Address>;
  payment?: Partial<Omit<Payment, "amount">> & { amount?: DecimalLike };
  fields?: Record<string, Settable>;
  tags?: string[];
}

export type SampleWarehouse = Pick<Warehouse, "id"> & Partial<Warehouse> & { stock?: Record<string, DecimalLike> };

/** A context whose time is fixed. */
export function context(): Context;
/** Sets the plugin's settings, replacing those set before: `{ "breaks.10": "5" }`. */
export function settings(values: Record<string, string>): void;
/** Takes what was logged so far. */
export function logged(): [level: "debug" | "info" | "warn" | "error", message: string][];
/** A sample order: Canadian dollars, from and to Ontario, 13 % tax. Each part given replaces the sample's. */
export function order(given?: SampleOrder): Order;
/** The candidates for an order. */
export function candidates(order: Order, warehouses: SampleWarehouse[]): Candidates;
/** A document for the whole order, with fields as in the shipped template; those with money or identity are locked. */
export function document(order: Order, given?: { warehouse?: string }): Document;
/** Runs a plugin's `preMap` as the host does; answers the verdict, throws the HookError. */
export function preMap(hook: PreMap, order: Order): Verdict;
/** Runs a plugin's `routeOrder`. */
export function routeOrder(hook: RouteOrder, order: Order, candidates: Candidates): Route;
/** Runs a plugin's `postMap`. */
export function postMap(hook: PostMap, order: Order, document: Document): Verdict;
/** What was edited so far, in order. */
export function changes(edited: Order | Document): Change[];
