// The SDK's decimal: exact, or refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Decimal, decimal, sum } from "crossdock-sdk";

const MOST = "9223372036854775807";

test("text goes there and back, digits as they are", () => {
  for (const text of ["0", "1.50", "-0.05", "19.99", "0.000000000000000001", MOST, `-${MOST}`]) assert.equal(`${decimal(text)}`, text);
  assert.equal(`${decimal("+.5")}`, "0.5");
  assert.equal(JSON.stringify({ price: decimal("1.50") }), '{"price":"1.50"}');
});

test("text that is no exact number is refused", () => {
  for (const text of [
    "",
    "-",
    ".",
    "1.",
    "1,5",
    "1e5",
    "0x1",
    " 1",
    "1_000",
    "1.2.3",
    "1\n",
    "٣",
    "9223372036854775808",
    "0.1234567890123456789",
  ]) {
    assert.throws(() => decimal(text), SyntaxError, text);
  }
});

test("a JavaScript number with a fraction is refused, and so is arithmetic by operators", () => {
  for (const wrong of [0.1, NaN, Infinity, 2 ** 53, null, undefined, {}]) assert.throws(() => decimal(wrong), TypeError);
  assert.equal(`${decimal(-7)}`, "-7");
  assert.throws(() => decimal(1) + decimal(2), TypeError);
  assert.throws(() => decimal(1) < decimal(2), TypeError);
});

test("rounding is half away from zero", () => {
  const table = [
    ["2.5", 0, "3"],
    ["-2.5", 0, "-3"],
    ["2.4999", 0, "2"],
    ["0.005", 2, "0.01"],
    ["-0.005", 2, "-0.01"],
    ["0.0049", 2, "0.00"],
    ["1.005", 2, "1.01"], // 1.00 where floats count
    ["2.675", 2, "2.68"], // 2.67 where floats count
    ["-1.005", 2, "-1.01"],
    ["18.9905", 2, "18.99"],
    ["0.040375", 4, "0.0404"],
    ["999.995", 2, "1000.00"],
    ["1.5", 3, "1.5"],
    ["0.999999999999999999", 0, "1"],
  ];
  for (const [text, digits, rounded] of table) assert.equal(`${decimal(text).round(digits)}`, rounded, text);
});

test("sums, differences, products and percentages are exact", () => {
  assert.equal(`${decimal("0.1").plus("0.2")}`, "0.3");
  assert.equal(`${decimal("1").minus("1.005")}`, "-0.005");
  assert.equal(`${decimal("19.99").times(3)}`, "59.97");
  assert.equal(`${decimal("-0.5").times("-0.5")}`, "0.25");
  assert.ok(decimal(200).percent("7.5").equals(15));
  assert.equal(`${decimal("19.99").percentOff(5).round(2)}`, "18.99");
  assert.equal(`${sum(["0.1", "0.2", 1])}`, "1.3");
  assert.equal(`${sum([])}`, "0");
});

test("quotients are rounded half away from zero", () => {
  const table = [
    ["1", "3", 4, "0.3333"],
    ["2", "3", 4, "0.6667"],
    ["-1", "8", 2, "-0.13"],
    ["1", "-8", 2, "-0.13"],
    ["-1", "-8", 2, "0.13"],
    ["0.0001", "1000", 2, "0.00"],
    ["1", "0.0004", 0, "2500"],
  ];
  for (const [a, b, digits, quotient] of table) assert.equal(`${decimal(a).dividedBy(b, digits)}`, quotient, `${a} / ${b}`);
});

test("results that do not fit are refused", () => {
  const refused = [
    () => decimal(MOST).plus(1),
    () => decimal(`-${MOST}`).minus(2),
    () => decimal(MOST).times("1.5"),
    () => decimal(MOST).times(10),
    () => decimal("0.000000000000000001").times("0.1"),
    () => decimal(1).dividedBy(0, 2),
    () => decimal(MOST).dividedBy(1, 2),
    () => decimal("1.5").round(19),
    () => decimal("1.5").round(0.5),
  ];
  for (const result of refused) assert.throws(result, RangeError, `${result}`);
  // 20 zeros after the point, but they do not count.
  assert.equal(`${decimal("0.000000000000000010").times("1.00")}`, "0.000000000000000010");
  assert.equal(`${decimal("0.000000000000000010").times("1.0000")}`, "0.000000000000000010");
});

test("order and equality look at the value", () => {
  assert.ok(decimal("1.50").equals("1.5"));
  assert.deepEqual(decimal("1.50").normalize(), decimal("1.5"));
  assert.notDeepEqual(decimal("1.5"), decimal("1.6"));
  assert.equal(decimal("9").compare("10"), -1);
  assert.ok(decimal("-2").isLessThan("-1.99") && decimal("0.01").isMoreThan(0) && decimal("-0.00").isZero());
  const sorted = ["10", "9", "-1", "9.5"].map(decimal).sort((a, b) => a.compare(b));
  assert.deepEqual(sorted.map(String), ["-1", "9", "9.5", "10"]);
  assert.ok(decimal("-3").abs() instanceof Decimal);
});
