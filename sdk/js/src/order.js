// The order as a plain JavaScript object: read lazily and by columns, edited at once.
// Where the data lies (the host's resource, or memory in native tests) is not its matter.

import { edited } from "./errors.js";
import { fieldsFromWit, fromWit, text, toWit, valueFromWit, valueToWit } from "./wit.js";

const SUMS = ["subtotal", "discount", "shipping", "tax", "total"];

/** The canonical order. Every edit takes a reason: one short sentence, kept with the change. */
export class Order {
  /** The host's resource, or its stand-in; for the SDK itself. */
  record;
  #header;
  #lines;
  #texts;
  #columns;

  constructor(record) {
    this.record = record;
  }

  /** What is true of the whole order; its sums hold the edits made so far. */
  get header() {
    if (this.#header === undefined) {
      const header = this.record.header();
      for (const sum of SUMS) header[sum] = fromWit(header[sum]);
      this.#header = header;
    }
    return this.#header;
  }

  /** The lines, in the shop's order. */
  get lines() {
    this.#lines ??= Array.from({ length: this.record.lineCount() }, (_, index) => new Line(this, index));
    return this.#lines;
  }

  /** Where the invoice goes. */
  get billingAddress() {
    return this.record.billingAddress();
  }

  /** Where the goods go. */
  get shippingAddress() {
    return this.record.shippingAddress();
  }

  /** How the customer pays. */
  get payment() {
    const payment = this.record.payment();
    return { ...payment, amount: fromWit(payment.amount) };
  }

  /** The custom fields, in the shop's order. */
  get fields() {
    return fieldsFromWit(this.record.fields());
  }

  /** One custom field: text, a Decimal or a boolean; undefined when there is none of this name. */
  field(name) {
    const value = this.record.field(text(name, "the name"));
    return value ? valueFromWit(value) : undefined;
  }

  /** One custom field of one line; undefined when there is no such line or field. */
  lineField(line, name) {
    const value = this.record.lineField(line, text(name, "the name"));
    return value ? valueFromWit(value) : undefined;
  }

  /** The tags, sorted. */
  get tags() {
    return this.record.tags();
  }

  /** Sets the unit price of one line, zero or more, at most 4 decimals. Total, tax and the order's sums follow. */
  setUnitPrice(line, price, reason) {
    const value = toWit(price, `lines[${line}].unit-price`);
    edited(() => this.record.setUnitPrice(line, value, text(reason, "the reason")));
    this.#edit(line, "unitPrice", value);
  }

  /** Sets the discount on one line: an amount for the whole line, from zero to quantity × unit price. */
  setDiscount(line, discount, reason) {
    const value = toWit(discount, `lines[${line}].discount`);
    edited(() => this.record.setDiscount(line, value, text(reason, "the reason")));
    this.#edit(line, "discount", value);
  }

  /** Sets the price of shipping without tax, zero or more; its tax follows at its own rate. */
  setShipping(amount, reason) {
    edited(() => this.record.setShipping(toWit(amount, "shipping.amount"), text(reason, "the reason")));
    this.#header = undefined;
  }

  /** Sets or adds a custom field; undefined removes it. */
  setField(name, value, reason) {
    const field = valueToWit(value, `fields.${name}`);
    edited(() => this.record.setField(text(name, "the name"), field, text(reason, "the reason")));
  }

  /** Sets or adds a custom field of one line; undefined removes it. */
  setLineField(line, name, value, reason) {
    const field = valueToWit(value, `lines[${line}].fields.${name}`);
    edited(() => this.record.setLineField(line, text(name, "the name"), field, text(reason, "the reason")));
  }

  /** Adds a tag; adding one that is there changes nothing. */
  addTag(tag, reason) {
    edited(() => this.record.addTag(text(tag, "the tag"), text(reason, "the reason")));
  }

  /** For `Line`. */
  amount(column, line) {
    if (this.#columns === undefined || (this.#columns.stale && (column === "tax" || column === "total"))) {
      this.#columns = { ...this.record.lineAmounts(), stale: false };
    }
    const { units, scale, edits } = this.#columns[column];
    return edits?.get(line) ?? fromWit({ units: units[line], scale });
  }

  /** For `Line`: id, SKU, name and product type by place. */
  lineText(line, place) {
    this.#texts ??= split(this.record.lineTexts());
    return this.#texts[line * 4 + place];
  }

  /** What was set is what is read back, without reading all columns anew; taxes and totals are old from now on. */
  #edit(line, column, value) {
    this.#header = undefined;
    if (this.#columns === undefined) return;
    this.#columns.stale = true;
    this.#columns[column].edits ??= new Map();
    this.#columns[column].edits.set(line, fromWit(value));
  }
}

/** One line of an order. */
export class Line {
  #order;
  /** Its index, from 0. */
  index;

  constructor(order, index) {
    this.#order = order;
    this.index = index;
  }

  /** The shop's id of the line. */
  get id() {
    return this.#order.lineText(this.index, 0);
  }

  /** Stock keeping unit: the shop's code of the article. */
  get sku() {
    return this.#order.lineText(this.index, 1);
  }

  /** The article's name. */
  get name() {
    return this.#order.lineText(this.index, 2);
  }

  /** For example `apparel` or `hazmat`; empty when the shop sends none. */
  get productType() {
    return this.#order.lineText(this.index, 3);
  }

  /** Units ordered, more than zero. */
  get quantity() {
    return this.#order.amount("quantity", this.index);
  }

  /** Price of one unit without tax, before the line's discount. */
  get unitPrice() {
    return this.#order.amount("unitPrice", this.index);
  }

  /** Discount on the whole line, zero or more. */
  get discount() {
    return this.#order.amount("discount", this.index);
  }

  /** Tax rate as a fraction: 0.13 is 13 %. */
  get taxRate() {
    return this.#order.amount("taxRate", this.index);
  }

  /** Tax of the line, with the edits made so far. */
  get tax() {
    return this.#order.amount("tax", this.index);
  }

  /** quantity × unit price, rounded to the currency, − discount; with the edits made so far. */
  get total() {
    return this.#order.amount("total", this.index);
  }

  /** One custom field of the line. */
  field(name) {
    return this.#order.lineField(this.index, name);
  }

  /** As `Order.setUnitPrice`. */
  setUnitPrice(price, reason) {
    this.#order.setUnitPrice(this.index, price, reason);
  }

  /** As `Order.setDiscount`. */
  setDiscount(discount, reason) {
    this.#order.setDiscount(this.index, discount, reason);
  }

  /** As `Order.setLineField`. */
  setField(name, value, reason) {
    this.#order.setLineField(this.index, name, value, reason);
  }
}

/** The texts of a pool. Ends count bytes of UTF-8, and there is no TextDecoder inside. */
function split({ pool, ends }) {
  const ascii = pool.length === (ends.at(-1) ?? 0);
  const texts = [];
  let [at, bytes] = [0, 0];
  for (const end of ends) {
    const from = at;
    if (ascii) at = end;
    for (; bytes < end && !ascii; at += 1) {
      const unit = pool.charCodeAt(at);
      // Each half of a surrogate pair stands for two of its four bytes.
      bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
    }
    texts.push(pool.slice(from, at));
  }
  return texts;
}
