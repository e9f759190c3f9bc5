// The ERP document of one shipment, as a plain JavaScript object.
// Money, quantities, keys and item codes cannot be set here (`not-allowed`): prices are changed in pre-map.

import { edited } from "./errors.js";
import { fieldsFromWit, text, valueFromWit, valueToWit } from "./wit.js";

/** The document after mapping: header fields and lines of fields, named as the ERP names them. */
export class Document {
  /** The host's resource, or its stand-in; for the SDK itself. */
  record;
  #columns = new Map();

  constructor(record) {
    this.record = record;
  }

  /** The web order number that the ERP keeps as purchase-order number: the document's natural key. */
  get key() {
    return this.record.key();
  }

  /** The warehouse that ships this document. */
  get warehouse() {
    return this.record.warehouse();
  }

  /** The header fields, in the template's order. */
  get fields() {
    return fieldsFromWit(this.record.fields());
  }

  /** One header field: text, a Decimal or a boolean; undefined when there is none of this name. */
  field(name) {
    const value = this.record.field(text(name, "the name"));
    return value ? valueFromWit(value) : undefined;
  }

  /** How many lines there are. */
  get lineCount() {
    return this.record.lineCount();
  }

  /** The fields of one line, in the template's order. */
  lineFields(line) {
    return fieldsFromWit(this.record.lineFields(line));
  }

  /** One field of one line; undefined when there is no such line or field. */
  lineField(line, name) {
    return this.column(name)[line];
  }

  /** One field over all lines, one entry per line; undefined where a line has none of this name. */
  column(name) {
    // It crosses to the plugin once, however many lines are asked for.
    if (!this.#columns.has(name)) this.#columns.set(name, this.record.column(text(name, "the name")).map(valueFromWit));
    return this.#columns.get(name);
  }

  /** Sets or adds a header field; undefined removes it. */
  setField(name, value, reason) {
    const field = valueToWit(value, `fields.${name}`);
    edited(() => this.record.setField(text(name, "the name"), field, text(reason, "the reason")));
  }

  /** Sets or adds a field of one line; undefined removes it. */
  setLineField(line, name, value, reason) {
    const field = valueToWit(value, `lines[${line}].fields.${name}`);
    edited(() => this.record.setLineField(line, text(name, "the name"), field, text(reason, "the reason")));
    this.#columns.delete(name);
  }

  /** Sets one field of every line, one value per line: all or none. The fast way to set a field of many lines. */
  setColumn(name, values, reason) {
    const fields = values.map((value, line) => valueToWit(value, `lines[${line}].fields.${name}`));
    edited(() => this.record.setColumn(text(name, "the name"), fields, text(reason, "the reason")));
    this.#columns.delete(name);
  }
}
