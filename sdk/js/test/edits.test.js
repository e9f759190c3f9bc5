// Edits on orders and documents in memory: read back, summed up and refused as the host does it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { carries, decimal, definePreMap, hold, HookError, log, proceed, settings } from "crossdock-sdk";
import * as sample from "crossdock-sdk/sample";

const line = (sku, quantity, unitPrice, more = {}) => ({ sku, quantity, unitPrice, ...more });
const texts = (numbers) => numbers.map(String);

test("what was set is read back, and sums follow", () => {
  const order = sample.order({ lines: [line("A", 3, 10), line("B", 1, "5.55")], shipping: "7.50" });
  const before = order.header;
  for (const one of order.lines) one.setUnitPrice(one.unitPrice.percentOff(10), "ten");
  assert.deepEqual(texts(order.lines.map(({ unitPrice }) => unitPrice)), ["9", "4.995"]);
  assert.deepEqual(texts(order.lines.map(({ total }) => total)), ["27", "5"]);
  assert.equal(`${before.subtotal}`, "35.55"); // a snapshot stays as it was
  const { subtotal, tax, total } = order.header;
  assert.deepEqual(texts([subtotal, tax, total]), ["32", "5.14", "44.64"]); // 4.16 and 0.98 tax
});

test("a price set before anything was read is read back", () => {
  const order = sample.order({ lines: [line("A", 2, 10)] });
  order.setUnitPrice(0, 8, "less");
  assert.equal(`${order.lines[0].unitPrice} ${order.lines[0].total}`, "8 16");
});

test("tax of touched lines is shared by largest remainder", () => {
  // Three lines of 0.50 at 5 %: 0.075 of tax together, so 0.08, shared 0.03, 0.03, 0.02; alone each would have 0.03.
  const order = sample.order({ lines: ["A", "B", "C"].map((sku) => line(sku, 1, 1, { taxRate: "0.05" })) });
  for (const one of order.lines) one.setDiscount("0.5", "half");
  assert.deepEqual(texts(order.lines.map(({ tax }) => tax)), ["0.03", "0.03", "0.02"]);
});

test("untouched lines keep their tax", () => {
  const order = sample.order({ lines: [line("A", 1, "0.50", { taxRate: "0.05" }), line("B", 1, "0.50", { taxRate: "0.05" })] });
  order.lines[1].setUnitPrice("0.3", "less");
  assert.deepEqual(texts(order.lines.map(({ tax }) => tax)), ["0.03", "0.02"]); // 0.025 and 0.015, each away from zero
});

test("taxes are whole in a currency without digits", () => {
  const lines = [line("A", 1, 10, { taxRate: "0.05" }), line("B", 1, 10, { taxRate: "0.05" })];
  const order = sample.order({ header: { currency: "JPY", currencyDigits: 0 }, lines });
  for (const one of order.lines) one.setUnitPrice(one.unitPrice.plus(1), "one more");
  assert.deepEqual(texts(order.lines.map(({ tax }) => tax)), ["1", "0"]); // 1.1 together
});

test("the host's rules for numbers hold", () => {
  const order = sample.order({ lines: [line("A", 2, 10)], header: { currency: "CAD" } });
  const [one] = order.lines;
  const refused = (kind, edit) => assert.throws(edit, { name: "EditError", kind });
  one.setUnitPrice("10.00000000", "the same");
  refused("out-of-range", () => one.setUnitPrice("1.00001", "r"));
  refused("out-of-range", () => one.setUnitPrice("100000000000", "r"));
  refused("out-of-range", () => one.setUnitPrice("99999999999", "r")); // twice that is too large
  refused("out-of-range", () => one.setUnitPrice("0.0000000001", "r")); // cannot even cross
  refused("out-of-range", () => one.setUnitPrice(2n ** 60n, "r"));
  refused("invalid", () => one.setUnitPrice("-0.01", "r"));
  refused("invalid", () => one.setDiscount("20.01", "r"));
  refused("invalid", () => one.setDiscount("0.001", "r"));
  refused("invalid", () => order.setShipping("1.005", "r"));
  refused("no-such-line", () => order.setLineField(7, "x", true, "r"));
  refused("invalid", () => order.setField("", true, "r"));
  refused("invalid", () => order.setField("x", "é".repeat(2049), "r"));
  refused("invalid", () => order.setField("é".repeat(33), "x", "r"));
  refused("invalid", () => order.addTag("a\nb", "r"));
  assert.deepEqual(sample.changes(order), []);
  one.setDiscount(20, "all of it");
  refused("invalid", () => one.setUnitPrice("9.99", "r"));
  assert.throws(() => order.setField("x", 0.1, "r"), TypeError);
});

test("fields, tags and shipping are edited and recorded", () => {
  const order = sample.order({ lines: [line("A", 1, 100, { fields: { gift: true } })], fields: { po: "7" }, tags: ["b"] });
  order.setField("po", undefined, "gone");
  order.setField("new", decimal("2.50"), "why not");
  order.addTag("a", "first");
  order.addTag("b", "there already");
  order.setShipping(10, "flat");
  order.setLineField(0, "gift", true, "the same");
  assert.equal(order.field("po"), undefined);
  assert.deepEqual(order.fields, [{ name: "new", value: decimal("2.5") }]);
  assert.equal(order.lines[0].field("gift"), true);
  assert.deepEqual(order.tags, ["a", "b"]);
  assert.equal(`${order.header.total}`, "124.3");
  const paths = sample.changes(order).map(({ path }) => path);
  assert.deepEqual(paths, ["fields.po", "fields.new", "tags", "shipping.amount"]);
});

test("texts of lines are told apart, whatever the alphabet", () => {
  const order = sample.order({ lines: [line("Ä-1", 1, 1, { name: "Größe 😀 ✓" }), line("B", 1, 1, { productType: "服" })] });
  const [a, b] = order.lines;
  assert.deepEqual([a.id, a.sku, a.name, a.productType], ["L1", "Ä-1", "Größe 😀 ✓", ""]);
  assert.deepEqual([b.id, b.sku, b.name, b.productType], ["L2", "B", "B", "服"]);
});

test("documents refuse money and take the rest", () => {
  const document = sample.document(sample.order({ lines: [line("A", 1, 100), line("B", 1, 1)] }));
  const refused = (kind, edit) => assert.throws(edit, { name: "EditError", kind });
  refused("not-allowed", () => document.setField("TotalAmount", 1, "r"));
  refused("not-allowed", () => document.setLineField(0, "UnitPrice", 1, "r"));
  refused("invalid", () => document.setColumn("GLCode", ["1"], "r"));
  refused("no-such-line", () => document.setLineField(2, "GLCode", "1", "r"));
  assert.deepEqual(document.column("GLCode"), [undefined, undefined]);
  document.setColumn("GLCode", ["1", "2"], "r");
  document.setLineField(1, "GLCode", "3", "r");
  assert.deepEqual(document.column("GLCode"), ["1", "3"]);
  assert.deepEqual(document.lineField(0, "UnitPrice"), decimal(100));
  assert.deepEqual([document.key, document.warehouse], ["SAMPLE-1", "TOR"]);
  assert.equal(sample.changes(document).length, 3);
});

test("candidates know stock by warehouse and line", () => {
  const order = sample.order({ lines: [line("A", 1, 1), line("B", 1, 1)] });
  const candidates = sample.candidates(order, [
    { id: "TOR", stock: { B: "2.5" } },
    { id: "VAN", productTypes: ["apparel"] },
  ]);
  assert.deepEqual(texts([candidates.stock(0, 0), candidates.stock(0, 1), candidates.stock(1, 1), candidates.stock(2, 0)]), [
    "0",
    "2.5",
    "0",
    "0",
  ]);
  assert.deepEqual(
    candidates.warehouses.map((warehouse) => carries(warehouse, "hazmat")),
    [true, false],
  );
});

test("a refusal that nobody handled fails the hook", () => {
  const careless = definePreMap((_, order) => {
    log.info("here");
    order.setUnitPrice(0, -1, "oops");
    return proceed();
  });
  const order = sample.order({ lines: [line("A", 1, 10)] });
  const message = "an edit was refused: lines[0].unit-price: the price is negative";
  assert.throws(() => sample.preMap(careless, order), { name: "HookError", kind: "failed", message });
  assert.deepEqual(sample.logged(), [["info", "here"]]);
});

test("a hook without an answer is an error, and other errors tell where", () => {
  const order = sample.order();
  assert.throws(
    () =>
      sample.preMap(
        definePreMap(() => void hold("forgotten")),
        order,
      ),
    /is a `return` missing/,
  );
  const [[level, message]] = sample.logged();
  assert.ok(level === "error" && message.includes("edits.test.js"), message);
});

test("settings are found by key and prefix, and wrong ones are named", () => {
  sample.settings({ "b.2": "20", "b.1": "10", a: "x", yes: "true" });
  assert.deepEqual(settings.withPrefix("b."), [
    ["1", "10"],
    ["2", "20"],
  ]);
  assert.deepEqual(settings.decimals("b.")[1], ["2", decimal(20)]);
  assert.deepEqual(
    [settings.required("a"), settings.get("c"), settings.flag("yes"), settings.decimal("c")],
    ["x", undefined, true, undefined],
  );
  const named = (text) => (error) => error instanceof HookError && error.kind === "settings" && error.message === text;
  assert.throws(() => settings.required("c"), named("`c` is missing"));
  assert.throws(() => settings.decimal("a"), named("`a` is wrong: expected a number such as 19.99"));
  assert.throws(() => settings.flag("a"), named("`a` is wrong: expected true or false"));
});
