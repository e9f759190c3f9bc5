// Where an order can be shipped from: the warehouses, and what each has.

import { decimal } from "./decimal.js";
import { fromWit } from "./wit.js";

/** The candidates for one order. */
export class Candidates {
  /** The host's resource, or its stand-in; for the SDK itself. */
  record;
  #warehouses;
  #stock;

  constructor(record) {
    this.record = record;
  }

  /** The warehouses, in the operator's order of preference. */
  get warehouses() {
    this.#warehouses ??= this.record.warehouses();
    return this.#warehouses;
  }

  /**
   * What a warehouse (by its place in `warehouses`) has of a line's SKU, as the host last heard; 0 when there is no such
   * warehouse or line. Two lines of the same SKU see the same stock: count it down yourself.
   */
  stock(warehouse, line) {
    this.#stock ??= this.record.stock();
    const { units, scale } = this.#stock;
    const lines = units.length / Math.max(this.warehouses.length, 1);
    const known = line >= 0 && line < lines && warehouse >= 0 && warehouse < this.warehouses.length;
    return known ? fromWit({ units: units[warehouse * lines + line], scale }) : decimal(0);
  }
}

/** Whether a warehouse carries a product type. One without a list carries all. */
export function carries(warehouse, productType) {
  return warehouse.productTypes.length === 0 || warehouse.productTypes.includes(productType);
}
