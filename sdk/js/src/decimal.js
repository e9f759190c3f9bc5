// Exact decimals for money, quantities and rates: never a float, never rounded but where you say so.
// Not a calculator: what does not fit 18 digits exactly is refused.

/** Digits after the point that a decimal can hold. The host takes fewer: see `EditError`. */
export const MAX_SCALE = 18;

const MAX_UNITS = 2n ** 63n - 1n;
const MIN_UNITS = -(2n ** 63n);
const POWERS = Array.from({ length: 2 * MAX_SCALE + 1 }, (_, exponent) => 10n ** BigInt(exponent));

/** An exact decimal, `units × 10^-scale`. It never changes; each operation answers a new one. */
export class Decimal {
  /** The digits without the point, a BigInt. */
  units;
  /** Digits after the point. */
  scale;

  constructor(units, scale) {
    this.units = units;
    this.scale = scale;
    Object.freeze(this);
  }

  plus(other) {
    const [a, b, scale] = aligned(this, decimal(other));
    return shortened(a + b, scale);
  }

  minus(other) {
    const [a, b, scale] = aligned(this, decimal(other));
    return shortened(a - b, scale);
  }

  times(other) {
    const factor = decimal(other);
    return shortened(this.units * factor.units, this.scale + factor.scale);
  }

  /** The quotient, rounded to so many digits, half away from zero. */
  dividedBy(other, digits) {
    const divisor = decimal(other);
    if (divisor.units === 0n) throw new RangeError("a number is divided by zero");
    const shift = checkedDigits(digits) + divisor.scale - this.scale;
    const above = shift > 0 ? this.units * POWERS[shift] : this.units;
    const below = shift < 0 ? divisor.units * POWERS[-shift] : divisor.units;
    return shortened(divideHalfAway(above, below), digits, false);
  }

  /** So many per cent of it, exact. */
  percent(percent) {
    return this.times(percent).times(new Decimal(1n, 2));
  }

  /** It, less so many per cent, exact: round it to the currency afterwards. */
  percentOff(percent) {
    return this.percent(new Decimal(100n, 0).minus(percent));
  }

  /** Rounded to so many digits after the point, half away from zero. Shorter numbers stay as they are. */
  round(digits) {
    if (this.scale <= checkedDigits(digits)) return this;
    return new Decimal(divideHalfAway(this.units, POWERS[this.scale - digits]), digits);
  }

  /** The same value without trailing zeros after the point. */
  normalize() {
    let { units, scale } = this;
    while (scale > 0 && units % 10n === 0n) {
      units /= 10n;
      scale -= 1;
    }
    return new Decimal(units, scale);
  }

  negated() {
    return shortened(-this.units, this.scale);
  }

  abs() {
    return this.units < 0n ? this.negated() : this;
  }

  /** -1, 0 or 1: whether it is less than, equal to or more than the other. Sorts: `list.sort((a, b) => a.compare(b))`. */
  compare(other) {
    const [a, b] = aligned(this, decimal(other));
    return a < b ? -1 : a > b ? 1 : 0;
  }

  /** Whether both have the same value: 1.5 equals 1.50. */
  equals(other) {
    return this.compare(other) === 0;
  }

  isLessThan(other) {
    return this.compare(other) < 0;
  }

  isMoreThan(other) {
    return this.compare(other) > 0;
  }

  isZero() {
    return this.units === 0n;
  }

  isNegative() {
    return this.units < 0n;
  }

  /** The digits as they are: 1.50 stays `1.50`. */
  toString() {
    const digits = (this.units < 0n ? -this.units : this.units).toString().padStart(this.scale + 1, "0");
    const point = digits.length - this.scale;
    const text = this.scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
    return this.units < 0n ? `-${text}` : text;
  }

  toJSON() {
    return this.toString();
  }

  /** Text in a template; `+`, `<` and the like throw, because they would go through a float. */
  [Symbol.toPrimitive](hint) {
    if (hint === "string") return this.toString();
    throw new TypeError("a Decimal is no JavaScript number: use plus(), minus(), times(), compare(), and `${number}` for text");
  }

  [Symbol.for("nodejs.util.inspect.custom")]() {
    return `Decimal ${this}`;
  }
}

/**
 * A decimal from text (`"19.99"`), a whole number or a BigInt; a decimal stays as it is.
 * Text that is none throws a SyntaxError; a JavaScript number with a fraction, a TypeError: it is not exact.
 */
export function decimal(value) {
  if (value instanceof Decimal) return value;
  if (typeof value === "bigint") return shortened(value, 0);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value))
      throw new TypeError(`${value} is not exact as a JavaScript number: write it as text, decimal("19.99")`);
    return new Decimal(BigInt(value), 0);
  }
  if (typeof value !== "string") throw new TypeError('expected a number as text, such as decimal("19.99")');
  const [, sign, whole, fraction = ""] = /^([+-]?)(\d*)(?:\.(\d+))?$/.exec(value) ?? [];
  if (whole === undefined || whole + fraction === "" || fraction.length > MAX_SCALE)
    throw new SyntaxError("expected a number such as 19.99");
  const units = BigInt(whole + fraction);
  if (units > MAX_UNITS) throw new SyntaxError("expected a number such as 19.99");
  return new Decimal(sign === "-" ? -units : units, fraction.length);
}

/** The exact sum of many. */
export function sum(numbers) {
  let total = decimal(0);
  for (const number of numbers) total = total.plus(number);
  return total;
}

function aligned(a, b) {
  const scale = Math.max(a.scale, b.scale);
  return [a.units * POWERS[scale - a.scale], b.units * POWERS[scale - b.scale], scale];
}

/** Drops trailing zeros until it fits; refuses when digits that count would be lost. */
function shortened(units, scale, mayShorten = true) {
  while (scale > MAX_SCALE || units > MAX_UNITS || units < MIN_UNITS) {
    if (!mayShorten || scale === 0 || units % 10n !== 0n) {
      throw new RangeError("a number does not fit 18 digits: round before you multiply on");
    }
    units /= 10n;
    scale -= 1;
  }
  return new Decimal(units, scale);
}

function divideHalfAway(above, below) {
  const [units, rest] = [above / below, above % below];
  const half = 2n * (rest < 0n ? -rest : rest) >= (below < 0n ? -below : below);
  return half ? units + (above < 0n === below < 0n ? 1n : -1n) : units;
}

function checkedDigits(digits) {
  if (!Number.isInteger(digits) || digits < 0 || digits > MAX_SCALE) throw new RangeError("digits are a whole number from 0 to 18");
  return digits;
}
