// Between the contract's form of values and the SDK's: what crosses the boundary passes here.
// Numbers cross as `{ units, scale }` with JavaScript numbers, so units are kept within ±(2^53 − 1).

import { Decimal, decimal } from "./decimal.js";
import { EditError } from "./errors.js";

/** The most digits after the point that cross. */
const MAX_WIT_SCALE = 9;

/** Without trailing zeros: a column shares one scale, which says nothing of a single number. */
export function fromWit({ units, scale }) {
  while (scale > 0 && units % 10 === 0) {
    units /= 10;
    scale -= 1;
  }
  return new Decimal(BigInt(units), scale);
}

/** In the contract's form; a number that cannot cross is refused as the host would refuse it, naming the path. */
export function toWit(number, path) {
  const { units, scale } = decimal(number).normalize();
  if (scale > MAX_WIT_SCALE || !Number.isSafeInteger(Number(units))) {
    throw new EditError("out-of-range", `${path}: at most 4 decimals and below 10^11`);
  }
  return { units: Number(units), scale };
}

/** A field's value: text, a Decimal, a boolean, or undefined for `empty`. */
export function valueFromWit({ tag, val }) {
  return tag === "number" ? fromWit(val) : tag === "empty" ? undefined : val;
}

export function valueToWit(value, path) {
  if (value === undefined || value === null) return { tag: "empty" };
  if (typeof value === "string") return { tag: "text", val: value };
  if (typeof value === "boolean") return { tag: "flag", val: value };
  return { tag: "number", val: toWit(value, path) };
}

export const fieldsFromWit = (fields) => fields.map(({ name, value }) => ({ name, value: valueFromWit(value) }));

/** Text that the bindings take: they trap on anything else. */
export function text(value, what) {
  if (typeof value !== "string") throw new TypeError(`${what} is text, not ${typeof value}`);
  return value;
}
