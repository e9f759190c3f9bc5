// Types of everything that an author imports from `crossdock-sdk`.

/** Whatever stands for an exact decimal: text (`"19.99"`), a whole number, a BigInt or a Decimal. */
export type DecimalLike = Decimal | string | number | bigint;

/** Digits after the point that a decimal can hold. The host takes fewer: see `EditError`. */
export const MAX_SCALE: 18;

/** An exact decimal, up to 18 digits. It never changes; an operation that does not fit throws a RangeError. */
export class Decimal {
  private constructor();
  /** The digits without the point. */
  readonly units: bigint;
  /** Digits after the point. */
  readonly scale: number;
  plus(other: DecimalLike): Decimal;
  minus(other: DecimalLike): Decimal;
  times(other: DecimalLike): Decimal;
  /** The quotient, rounded to so many digits, half away from zero. */
  dividedBy(other: DecimalLike, digits: number): Decimal;
  /** So many per cent of it, exact. */
  percent(percent: DecimalLike): Decimal;
  /** It, less so many per cent, exact: round it to the currency afterwards. */
  percentOff(percent: DecimalLike): Decimal;
  /** Rounded to so many digits after the point, half away from zero. Shorter numbers stay as they are. */
  round(digits: number): Decimal;
  /** The same value without trailing zeros after the point. */
  normalize(): Decimal;
  negated(): Decimal;
  abs(): Decimal;
  /** -1, 0 or 1; sorts: `list.sort((a, b) => a.compare(b))`. */
  compare(other: DecimalLike): -1 | 0 | 1;
  /** Whether both have the same value: 1.5 equals 1.50. */
  equals(other: DecimalLike): boolean;
  isLessThan(other: DecimalLike): boolean;
  isMoreThan(other: DecimalLike): boolean;
  isZero(): boolean;
  isNegative(): boolean;
  /** The digits as they are: 1.50 stays `1.50`. */
  toString(): string;
  toJSON(): string;
}

/**
 * A decimal from text (`"19.99"`), a whole number or a BigInt; a decimal stays as it is.
 * Text that is none throws a SyntaxError; a JavaScript number with a fraction, a TypeError: it is not exact.
 */
export function decimal(value: DecimalLike): Decimal;

/** The exact sum of many. */
export function sum(numbers: Iterable<DecimalLike>): Decimal;

/** The value of a custom field or of a document field; undefined is nothing. */
export type Value = string | Decimal | boolean | undefined;

/** What a field can be set to: text, a number (never a float), yes or no; undefined or null removes it. */
export type Settable = string | Decimal | number | bigint | boolean | null | undefined;

export interface Field {
  name: string;
  value: Value;
}

/** A point in time, and the offset from UTC at which the sender wrote it. */
export interface Instant {
  unixMs: number;
  offsetMinutes: number;
}

/** What the host says about this call. */
export interface Context {
  integration: string;
  eventId: string;
  attempt: number;
  /** The time at which the run began. */
  now: Instant;
}

/** What is true of the whole order. */
export interface Header {
  number: string;
  status: string;
  /** ISO 4217 code. */
  currency: string;
  /** Digits after the point of this currency. */
  currencyDigits: number;
  orderedAt: Instant;
  customerId: string;
  /** The merchant's segment of the customer; empty when the shop sends none. */
  segment: string;
  subtotal: Decimal;
  discount: Decimal;
  shipping: Decimal;
  tax: Decimal;
  total: Decimal;
}

/** A postal address. Unknown parts are empty. */
export interface Address {
  name: string;
  company: string;
  line1: string;
  line2: string;
  city: string;
  region: string;
  postalCode: string;
  country: string;
  phone: string;
  email: string;
}

/** How the customer pays. */
export interface Payment {
  method: string;
  status: string;
  transactionId: string;
  amount: Decimal;
}

/** The canonical order. Every edit takes a reason: one short sentence. A refused edit throws an EditError. */
export class Order {
  private constructor();
  /** What is true of the whole order; its sums hold the edits made so far. */
  readonly header: Header;
  /** The lines, in the shop's order. */
  readonly lines: Line[];
  readonly billingAddress: Address;
  readonly shippingAddress: Address;
  readonly payment: Payment;
  /** The custom fields, in the shop's order. */
  readonly fields: Field[];
  /** The tags, sorted. */
  readonly tags: string[];
  /** One custom field; undefined when there is none of this name. */
  field(name: string): Value;
  /** One custom field of one line; undefined when there is no such line or field. */
  lineField(line: number, name: string): Value;
  /** Sets the unit price of one line, zero or more, at most 4 decimals. Total, tax and the order's sums follow. */
  setUnitPrice(line: number, price: DecimalLike, reason: string): void;
  /** Sets the discount on one line: an amount for the whole line, from zero to quantity × unit price. */
  setDiscount(line: number, discount: DecimalLike, reason: string): void;
  /** Sets the price of shipping without tax, zero or more; its tax follows at its own rate. */
  setShipping(amount: DecimalLike, reason: string): void;
  /** Sets or adds a custom field; undefined removes it. */
  setField(name: string, value: Settable, reason: string): void;
  /** Sets or adds a custom field of one line; undefined removes it. */
  setLineField(line: number, name: string, value: Settable, reason: string): void;
  /** Adds a tag; adding one that is there changes nothing. */
  addTag(tag: string, reason: string): void;
}

/** One line of an order. */
export class Line {
  private constructor();
  /** Its index, from 0. */
  readonly index: number;
  readonly id: string;
  readonly sku: string;
  readonly name: string;
  /** For example `apparel` or `hazmat`; empty when the shop sends none. */
  readonly productType: string;
  readonly quantity: Decimal;
  /** Price of one unit without tax, before the line's discount. */
  readonly unitPrice: Decimal;
  /** Discount on the whole line. */
  readonly discount: Decimal;
  /** As a fraction: 0.13 is 13 %. */
  readonly taxRate: Decimal;
  /** With the edits made so far. */
  readonly tax: Decimal;
  /** quantity × unit price, rounded to the currency, − discount; with the edits made so far. */
  readonly total: Decimal;
  field(name: string): Value;
  setUnitPrice(price: DecimalLike, reason: string): void;
  setDiscount(discount: DecimalLike, reason: string): void;
  setField(name: string, value: Settable, reason: string): void;
}

/** The ERP document of one shipment after mapping. Money, quantities, keys and item codes are refused (`not-allowed`). */
export class Document {
  private constructor();
  readonly key: string;
  readonly warehouse: string;
  readonly fields: Field[];
  readonly lineCount: number;
  field(name: string): Value;
  lineFields(line: number): Field[];
  lineField(line: number, name: string): Value;
  /** One field over all lines, one entry per line. */
  column(name: string): Value[];
  setField(name: string, value: Settable, reason: string): void;
  setLineField(line: number, name: string, value: Settable, reason: string): void;
  /** Sets one field of every line, one value per line: all or none. */
  setColumn(name: string, values: Settable[], reason: string): void;
}

/** A warehouse that may ship. */
export interface Warehouse {
  id: string;
  country: string;
  region: string;
  /** The product types it carries; empty means all. */
  productTypes: string[];
}

/** The candidates for one order. */
export class Candidates {
  private constructor();
  /** The warehouses, in the operator's order of preference. */
  readonly warehouses: Warehouse[];
  /** What a warehouse (by its place in `warehouses`) has of a line's SKU; 0 when there is no such warehouse or line. */
  stock(warehouse: number, line: number): Decimal;
}

/** Whether a warehouse carries a product type. One without a list carries all. */
export function carries(warehouse: Warehouse, productType: string): boolean;

export interface ShipmentLine {
  line: number;
  quantity: DecimalLike;
}

/** What one warehouse ships. */
export interface Shipment {
  warehouse: string;
  lines: ShipmentLine[];
}

export type Hold = { tag: "hold"; val: { reason: string; until: Instant | null } };
export type Reject = { tag: "reject"; val: string };
export type Verdict = { tag: "proceed" } | Hold | Reject;
export type Route = { tag: "ship"; val: Shipment[] } | Hold | Reject;

/** Go on, with the edits made so far. */
export function proceed(): Verdict;
/** Keep the order and wait: for a person, or until an instant. The reason is one sentence for the merchant's staff. */
export function hold(reason: string, until?: Instant): Hold;
/** Do not deliver. The reason is one sentence that the merchant reads. */
export function reject(reason: string): Reject;
/** Ship like this, one shipment per warehouse. What no shipment holds is backordered. */
export function ship(shipments: Shipment[]): Route;
/** An instant so many minutes later. */
export function plusMinutes(instant: Instant, minutes: number): Instant;

/** Why a plugin could not decide; the operator's failure policy applies. Throw one from a hook. */
export class HookError extends Error {
  private constructor();
  readonly kind: "settings" | "unsupported" | "failed";
  /** A setting of this plugin is missing or wrong: name it and say what is expected. */
  static settings(text: string): HookError;
  /** The record has a shape that this plugin cannot handle. */
  static unsupported(text: string): HookError;
  /** Anything else. */
  static failed(text: string): HookError;
}

/** Why the host refused an edit; nothing of the refused call was applied. Uncaught, it becomes the hook's error. */
export class EditError extends Error {
  private constructor();
  readonly kind: "no-such-line" | "read-only" | "out-of-range" | "invalid" | "not-allowed";
}

/** A hook, to be exported under its own name. */
export interface PreMap {
  readonly __hook: "pre-map";
}
export interface RouteOrder {
  readonly __hook: "route-order";
}
export interface PostMap {
  readonly __hook: "post-map";
}

/** The hook before mapping. Export it as `preMap`. */
export function definePreMap(rule: (context: Context, order: Order) => Verdict): PreMap;
/** The hook that decides which warehouse ships what. Export it as `routeOrder`. */
export function defineRouteOrder(rule: (context: Context, order: Order, candidates: Candidates) => Route): RouteOrder;
/** The hook after mapping, once per document. Export it as `postMap`. */
export function definePostMap(rule: (context: Context, order: Order, document: Document) => Verdict): PostMap;

/** The plugin's own log. Never log names, addresses or payment data. */
export namespace log {
  function debug(message: unknown): void;
  function info(message: unknown): void;
  function warn(message: unknown): void;
  function error(message: unknown): void;
}

/** This plugin's own settings. What is wrong throws a HookError that names the setting. */
export namespace settings {
  function get(key: string): string | undefined;
  function required(key: string): string;
  function decimal(key: string): Decimal | undefined;
  function flag(key: string): boolean | undefined;
  /** All settings below a prefix, sorted by key, each key without the prefix. */
  function withPrefix(prefix: string): [key: string, value: string][];
  /** As `withPrefix`, each value as a number. */
  function decimals(prefix: string): [key: string, value: Decimal][];
  /** The error for a setting that is wrong. It does not repeat the value. */
  function wrong(key: string, expected: string): HookError;
}
