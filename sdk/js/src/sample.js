// Orders, documents, candidates and settings for an author's native tests. There is nothing of it in a component.
// Amounts are passed as whole numbers or as text: 5, "19.99".

import { decimal } from "./decimal.js";
import { Document } from "./document.js";
import { MemoryCandidates, MemoryDocument, MemoryOrder, put } from "./memory.js";
import { held } from "./no-host.js";
import { Order } from "./order.js";
import { Candidates } from "./routing.js";
import { fromWit, valueToWit } from "./wit.js";

/** A context whose time is fixed. */
export const context = () => ({
  integration: "sample",
  eventId: "evt-sample",
  attempt: 1,
  now: { unixMs: 1_772_000_000_000, offsetMinutes: 0 },
});

/** Sets the plugin's settings, replacing those set before. Keys are flattened, values are text: `{ "breaks.10": "5" }`. */
export function settings(values) {
  held.settings = Object.entries(values).map(([key, value]) => [key, String(value)]);
  held.settings.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Takes what was logged so far: a list of `[level, message]`. */
export function logged() {
  return held.log.splice(0);
}

/** Runs a plugin's `preMap` as the host does; answers the verdict, throws the HookError. */
export const preMap = (hook, order) => hook.run(context(), order.record);

/** Runs a plugin's `routeOrder`. */
export function routeOrder(hook, order, candidates) {
  const route = hook.run(context(), order.record, candidates.record);
  if (route.tag !== "ship") return route;
  const line = ({ line, quantity }) => ({ line, quantity: fromWit(quantity) });
  return { tag: "ship", val: route.val.map(({ warehouse, lines }) => ({ warehouse, lines: lines.map(line) })) };
}

/** Runs a plugin's `postMap`. */
export const postMap = (hook, order, document) => hook.run(context(), order.record, document.record);

/** What was edited in an order or a document so far, in order: a list of `{ path, before, after, reason }`. */
export const changes = (edited) => [...edited.record.changes];

const ADDRESS = {
  name: "Sam Sample",
  company: "Sample Supplies",
  line1: "1 Example Street",
  line2: "",
  city: "Toronto",
  region: "ON",
  postalCode: "M5V 1A1",
  country: "CA",
  phone: "+1 416 555 0100",
  email: "sam@example.com",
};
const TAX_RATE = decimal("0.13");

/**
 * A sample order: placed in Canadian dollars, from and to Ontario, 13 % tax, paid in full on account. Each part given
 * replaces the sample's; a line needs `sku`, `quantity` and `unitPrice`.
 */
export function order(given = {}) {
  const zero = decimal(0);
  const header = {
    number: "SAMPLE-1",
    status: "placed",
    currency: "CAD",
    currencyDigits: 2,
    orderedAt: context().now,
    customerId: "C10042",
    segment: given.segment ?? "",
    ...given.header,
    subtotal: zero,
    discount: decimal(given.discount ?? 0),
    shipping: decimal(given.shipping ?? 0),
  };
  const state = {
    header,
    lines: (given.lines ?? []).map((line, index) => lineOf(line, index, header.currencyDigits)),
    shippingRate: TAX_RATE,
    billingAddress: { ...ADDRESS, ...given.billingAddress },
    shippingAddress: { ...ADDRESS, ...given.shippingAddress },
    payment: { method: "on-account", status: "pending", transactionId: "", ...given.payment, amount: zero },
    fields: fieldsOf(given.fields),
    tags: [...(given.tags ?? [])].sort(),
  };
  const record = new MemoryOrder(state);
  state.payment.amount = decimal(given.payment?.amount ?? fromWit(record.header().total));
  return new Order(record);
}

/**
 * The candidates for an order: warehouses with what they have of a SKU, nothing where nothing is said, such as
 * `{ id: "TOR", country: "CA", region: "ON", productTypes: [], stock: { SHIRT: 5 } }`. Without `productTypes`, it carries all.
 */
export function candidates(order, warehouses) {
  const skus = order.lines.map((line) => line.sku);
  const known = warehouses.map(({ id, country = "CA", region = "", productTypes = [] }) => ({ id, country, region, productTypes }));
  const stock = warehouses.flatMap((warehouse) => skus.map((sku) => decimal(warehouse.stock?.[sku] ?? 0)));
  return new Candidates(new MemoryCandidates(known, stock));
}

/**
 * A document for the whole order from warehouse `TOR`, with fields as in the shipped template: `CustomerNo`, and locked
 * `PurchaseOrderNo` and `TotalAmount`, and per line `ItemCode`, `Quantity`, `UnitPrice` and `TaxAmount`.
 */
export function document(order, { warehouse = "TOR" } = {}) {
  const { number, customerId, total } = order.header;
  const fields = fieldsOf({ PurchaseOrderNo: number, CustomerNo: customerId, TotalAmount: total });
  const lines = order.lines.map((line) =>
    fieldsOf({ ItemCode: line.sku, Quantity: line.quantity, UnitPrice: line.unitPrice, TaxAmount: line.tax }),
  );
  const locked = ["PurchaseOrderNo", "TotalAmount", "ItemCode", "Quantity", "UnitPrice", "TaxAmount"];
  return new Document(new MemoryDocument({ key: number, warehouse, fields, lines, locked }));
}

function lineOf(given, index, digits) {
  const { id = `L${index + 1}`, sku, name = sku, productType = "" } = given;
  const [quantity, unitPrice] = [decimal(given.quantity), decimal(given.unitPrice)];
  const discount = decimal(given.discount ?? 0);
  const taxRate = decimal(given.taxRate ?? TAX_RATE);
  const tax = quantity.times(unitPrice).round(digits).minus(discount).times(taxRate).round(digits);
  return { id, sku, name, productType, quantity, unitPrice, discount, taxRate, tax, fields: fieldsOf(given.fields) };
}

function fieldsOf(given = {}) {
  const fields = [];
  for (const [name, value] of Object.entries(given)) put(fields, name, valueToWit(value, name));
  return fields;
}
