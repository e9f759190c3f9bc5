// Outside of the component: orders, documents and candidates held in memory, for an author's native tests. They stand
// in for the host's resources and follow its rules for edits. Not the host: no guardrails, no limits.

import { Decimal, decimal, sum } from "./decimal.js";
import { fromWit, toWit, valueFromWit } from "./wit.js";

const LIMIT = decimal(100_000_000_000);

/** Refuses as the bindings do: an Error whose payload is the contract's `edit-error`. */
function refuse(tag, val) {
  throw Object.assign(new Error(`${tag}: ${val}`), { payload: { tag, val } });
}

/** Stands in for the resource `order`; `state` is what the sample builder filled in, amounts as Decimals. */
export class MemoryOrder {
  changes = [];
  #state;
  /** Lines whose price or discount was set: their tax is shared out anew, together. */
  #touched = new Set();

  constructor(state) {
    this.#state = state;
  }

  header() {
    const { header, lines } = this.#summed();
    const digits = header.currencyDigits;
    const subtotal = sum(lines.map((line) => total(line, digits)));
    const shippingTax = header.shipping.times(this.#state.shippingRate).round(digits);
    const tax = sum(lines.map((line) => line.tax)).plus(shippingTax);
    const sums = { subtotal, discount: header.discount, shipping: header.shipping, tax };
    const owed = subtotal.minus(header.discount).plus(header.shipping).plus(tax);
    const amounts = Object.entries({ ...sums, total: owed }).map(([name, amount]) => [name, toWit(amount, name)]);
    return { ...header, ...Object.fromEntries(amounts) };
  }

  lineCount() {
    return this.#state.lines.length;
  }

  lineAmounts() {
    const { header, lines } = this.#summed();
    const of = (amount) => column(lines.map(amount));
    return {
      quantity: of((line) => line.quantity),
      unitPrice: of((line) => line.unitPrice),
      discount: of((line) => line.discount),
      taxRate: of((line) => line.taxRate),
      tax: of((line) => line.tax),
      total: of((line) => total(line, header.currencyDigits)),
    };
  }

  lineTexts() {
    const texts = this.#state.lines.flatMap((line) => [line.id, line.sku, line.name, line.productType]);
    let end = 0;
    return { pool: texts.join(""), ends: texts.map((text) => (end += bytes(text))) };
  }

  billingAddress() {
    return { ...this.#state.billingAddress };
  }

  shippingAddress() {
    return { ...this.#state.shippingAddress };
  }

  payment() {
    const { payment } = this.#state;
    return { ...payment, amount: toWit(payment.amount, "payment.amount") };
  }

  fields() {
    return this.#state.fields.map((field) => ({ ...field }));
  }

  field(name) {
    return find(this.#state.fields, name) ?? null;
  }

  lineField(line, name) {
    return find(this.#state.lines[line]?.fields ?? [], name) ?? null;
  }

  tags() {
    return [...this.#state.tags];
  }

  setUnitPrice(index, price, reason) {
    const path = `lines[${index}].unit-price`;
    const line = this.#line(index);
    const set = fit(price, path);
    if (set.isNegative()) refuse("invalid", `${path}: the price is negative`);
    const worth = line.quantity.times(set).round(this.#state.header.currencyDigits);
    if (!worth.isLessThan(LIMIT)) refuse("out-of-range", `lines[${index}].total: quantity × price is too large`);
    if (worth.isLessThan(line.discount)) refuse("invalid", `${path}: the line would be worth less than its discount`);
    this.#touched.add(index);
    this.#note(path, line.unitPrice, set, reason);
    line.unitPrice = set;
  }

  setDiscount(index, discount, reason) {
    const path = `lines[${index}].discount`;
    const line = this.#line(index);
    const set = fit(discount, path);
    const worth = line.quantity.times(line.unitPrice).round(this.#state.header.currencyDigits);
    if (set.isNegative() || set.isMoreThan(worth)) {
      refuse("invalid", `${path}: the discount must lie between 0 and the line's worth of ${worth}`);
    }
    this.#whole(set, path);
    this.#touched.add(index);
    this.#note(path, line.discount, set, reason);
    line.discount = set;
  }

  setShipping(amount, reason) {
    const path = "shipping.amount";
    const set = fit(amount, path);
    if (set.isNegative()) refuse("invalid", `${path}: the price is negative`);
    this.#whole(set, path);
    this.changes.push({ path, before: this.#state.header.shipping, after: set, reason });
    this.#state.header.shipping = set;
  }

  setField(name, value, reason) {
    checkField(name, value);
    this.#note(`fields.${name}`, put(this.#state.fields, name, value), valueFromWit(value), reason);
  }

  setLineField(index, name, value, reason) {
    checkField(name, value);
    const before = put(this.#line(index).fields, name, value);
    this.#note(`lines[${index}].fields.${name}`, before, valueFromWit(value), reason);
  }

  addTag(tag, reason) {
    checkName(tag);
    if (this.#state.tags.includes(tag)) return;
    this.#state.tags.push(tag);
    this.#state.tags.sort();
    this.changes.push({ path: "tags", before: undefined, after: tag, reason });
  }

  #line(index) {
    return this.#state.lines[index] ?? refuse("no-such-line", index);
  }

  #whole(amount, path) {
    const { currency, currencyDigits } = this.#state.header;
    if (!amount.round(currencyDigits).equals(amount)) refuse("invalid", `${path}: ${currency} has ${currencyDigits} decimals`);
  }

  #note(path, before, after, reason) {
    note(this.changes, path, before, after, reason);
  }

  /** Tax of the touched lines: exact per rate, shared out by largest remainder. */
  #summed() {
    const { header, lines } = this.#state;
    const touched = [...this.#touched].sort((a, b) => a - b).map((index) => lines[index]);
    const rates = new Map();
    for (const line of touched) {
      const rate = line.taxRate.normalize().toString();
      rates.set(rate, [...(rates.get(rate) ?? []), line]);
    }
    for (const [rate, sharing] of rates) {
      const totals = sharing.map((line) => total(line, header.currencyDigits));
      const shares = allocate(sum(totals).times(rate), totals, header.currencyDigits);
      sharing.forEach((line, place) => (line.tax = shares[place]));
    }
    return this.#state;
  }
}

/** Stands in for the resource `document`. */
export class MemoryDocument {
  changes = [];
  #state;

  /** `state`: key, warehouse, fields, lines (lists of fields), and the names of locked fields. */
  constructor(state) {
    this.#state = state;
  }

  key() {
    return this.#state.key;
  }

  warehouse() {
    return this.#state.warehouse;
  }

  fields() {
    return this.#state.fields.map((field) => ({ ...field }));
  }

  field(name) {
    return find(this.#state.fields, name) ?? null;
  }

  lineCount() {
    return this.#state.lines.length;
  }

  lineFields(line) {
    return (this.#state.lines[line] ?? []).map((field) => ({ ...field }));
  }

  column(name) {
    return this.#state.lines.map((fields) => find(fields, name) ?? { tag: "empty" });
  }

  setField(name, value, reason) {
    this.#check(name, value);
    note(this.changes, `fields.${name}`, put(this.#state.fields, name, value), valueFromWit(value), reason);
  }

  setLineField(line, name, value, reason) {
    this.#check(name, value);
    if (this.#state.lines[line] === undefined) refuse("no-such-line", line);
    this.#putLine(line, name, value, reason);
  }

  setColumn(name, values, reason) {
    const { lines } = this.#state;
    if (values.length !== lines.length) refuse("invalid", `${lines.length} lines, but ${values.length} values`);
    values.forEach((value) => this.#check(name, value));
    values.forEach((value, line) => this.#putLine(line, name, value, reason));
  }

  #putLine(line, name, value, reason) {
    const before = put(this.#state.lines[line], name, value);
    note(this.changes, `lines[${line}].fields.${name}`, before, valueFromWit(value), reason);
  }

  #check(name, value) {
    checkField(name, value);
    if (this.#state.locked.includes(name)) {
      refuse("not-allowed", `\`${name}\` carries money, quantity or identity: change it in pre-map, so that the sums stay right`);
    }
  }
}

/** Stands in for the resource `candidates`; the stock is row by row, all lines of the first warehouse first. */
export class MemoryCandidates {
  #warehouses;
  #stock;

  constructor(warehouses, stock) {
    this.#warehouses = warehouses;
    this.#stock = stock;
  }

  warehouses() {
    return this.#warehouses.map((warehouse) => ({ ...warehouse, productTypes: [...warehouse.productTypes] }));
  }

  stock() {
    return column(this.#stock);
  }
}

const total = (line, digits) => line.quantity.times(line.unitPrice).round(digits).minus(line.discount);

/**
 * Shares a total out by weights, in whole units of so many digits: each share rounded down, then the units left to the
 * largest remainders, the earlier one first on a tie.
 */
export function allocate(amount, weights, digits) {
  const scale = Math.max(0, ...weights.map((weight) => weight.scale));
  const parts = weights.map((weight) => weight.units * 10n ** BigInt(scale - weight.scale));
  const all = parts.reduce((a, b) => a + b, 0n);
  const rounded = amount.round(digits);
  const units = rounded.units * 10n ** BigInt(digits - rounded.scale);
  if (all === 0n) return weights.map((_, place) => new Decimal(place === 0 ? units : 0n, digits));
  const shares = parts.map((part) => (units * part) / all);
  const rest = (place) => (units * parts[place]) % all;
  const byRest = parts.map((_, place) => place).sort((a, b) => (rest(a) === rest(b) ? a - b : rest(a) > rest(b) ? -1 : 1));
  let left = units - shares.reduce((a, b) => a + b, 0n);
  for (const place of byRest) {
    if (left <= 0n) break;
    shares[place] += 1n;
    left -= 1n;
  }
  return shares.map((share) => new Decimal(share, digits));
}

/** Numbers as a column of the contract: one scale for all. */
function column(numbers) {
  const short = numbers.map((number) => number.normalize());
  const scale = Math.max(0, ...short.map((number) => number.scale));
  return { scale, units: short.map((number) => Number(number.units * 10n ** BigInt(scale - number.scale))) };
}

/** The number, if it may stand in an order: at most 4 decimals and below 10^11. */
function fit(number, path) {
  const short = fromWit(number).normalize();
  if (short.scale > 4 || !short.abs().isLessThan(LIMIT)) refuse("out-of-range", `${path}: at most 4 decimals and below 10^11`);
  return short;
}

function checkName(name) {
  const bad = name === "" || bytes(name) > 64 || /\p{Cc}/u.test(name);
  if (bad) refuse("invalid", "a name has 1 to 64 bytes and no control characters");
}

function checkField(name, value) {
  checkName(name);
  if (value.tag === "text" && bytes(value.val) > 4096) refuse("invalid", `\`${name}\`: a text has at most 4096 bytes`);
  if (value.tag === "number") fit(value.val, `fields.${name}`);
}

const bytes = (text) => new TextEncoder().encode(text).length;

const find = (fields, name) => fields.find((field) => field.name === name)?.value;

/** Sets, adds or (with `empty`) removes a field; answers what was there before. */
export function put(fields, name, value) {
  const place = fields.findIndex((field) => field.name === name);
  const before = place < 0 ? undefined : valueFromWit(fields[place].value);
  if (value.tag === "empty") {
    if (place >= 0) fields.splice(place, 1);
  } else if (place >= 0) {
    fields[place] = { name, value };
  } else {
    fields.push({ name, value });
  }
  return before;
}

/** Writes a change down, unless nothing changed. */
function note(changes, path, before, after, reason) {
  const same = before instanceof Decimal && after instanceof Decimal ? before.equals(after) : before === after;
  if (!same) changes.push({ path, before, after, reason });
}
