// That the probe answers each hook. What it says is compared by the conformance cases, in the real sandbox.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as sample from "crossdock-sdk/sample";
import { postMap, preMap, routeOrder } from "../src/plugin.js";

const order = () =>
  sample.order({ lines: [{ sku: "A", quantity: 5, unitPrice: "19.99" }], shipping: 15, fields: { "po-reference": "PO-1" } });
const texts = () => sample.logged().map(([, text]) => text);

test("edits are seen in the sums, and refusals are told apart", () => {
  sample.settings({ act: "edit+sums+refused" });
  assert.equal(sample.preMap(preMap, order()).tag, "proceed");
  const [sums, ...tries] = texts();
  assert.equal(sums, "sums subtotal=4 tax=1.5 total=13");
  assert.deepEqual(tries, [
    "refused no-such-line",
    "refused invalid",
    "refused out-of-range",
    "refused invalid",
    "refused invalid",
    "refused invalid",
    "refused no-such-line",
    "taken",
  ]);
});

test("results that do not fit are told from text that is no number", () => {
  sample.settings({
    act: "arithmetic",
    "sum.a": "0.10 + 0.2",
    "sum.b": "1 / 3 4",
    "sum.c": "1 / 0 2",
    "sum.d": "9223372036854775807 + 1",
    "sum.e": "x + 1",
    "sum.f": "1.5 c 1.50",
    "sum.g": "-2.5 r 0",
    "sum.h": "1 + 1 1",
    "sum.i": "1.5 r 0.5",
  });
  sample.preMap(preMap, order());
  assert.deepEqual(texts(), [
    "sum.a 0.3",
    "sum.b 0.3333",
    "sum.c no",
    "sum.d no",
    "sum.e bad",
    "sum.f equal",
    "sum.g -3",
    "sum.h bad",
    "sum.i bad",
  ]);
});

test("it routes by stock, and halves", () => {
  sample.settings({});
  const [one, candidates] = [
    order(),
    sample.candidates(order(), [
      { id: "TOR", stock: { A: 4 } },
      { id: "VAN", stock: { A: 5 } },
    ]),
  ];
  assert.deepEqual(
    sample.routeOrder(routeOrder, one, candidates).val.map(({ warehouse }) => warehouse),
    ["VAN"],
  );
  sample.settings({ act: "halves" });
  const parts = sample.routeOrder(routeOrder, one, candidates).val.map(({ lines }) => `${lines[0].quantity}`);
  assert.deepEqual(parts, ["2", "3"]);
});

test("it edits the document, but no money", () => {
  sample.settings({});
  const document = sample.document(order());
  sample.postMap(postMap, order(), document);
  assert.deepEqual([document.field("Comment"), document.lineField(0, "GLCode"), document.lineField(0, "Site")], ["probed", "4000", "S0"]);
  texts();
  sample.settings({ act: "locked" });
  sample.postMap(postMap, order(), document);
  assert.deepEqual(texts(), ["refused not-allowed"]);
});

test("every hook does its own steps, and the last one's answer counts", () => {
  sample.settings({ act: "levels+hold+halves+document+locked" });
  assert.equal(sample.preMap(preMap, order()).tag, "hold");
  assert.deepEqual(texts(), ["one", "two", "three", "four"]);
  const candidates = sample.candidates(order(), [{ id: "TOR", stock: { A: 4 } }]);
  assert.equal(sample.routeOrder(routeOrder, order(), candidates).tag, "ship");
  assert.equal(sample.postMap(postMap, order(), sample.document(order())).tag, "proceed");
  assert.equal(texts().at(-1), "refused not-allowed");
});

test("an unknown step is named", () => {
  sample.settings({ act: "dance" });
  assert.throws(() => sample.preMap(preMap, order()), { kind: "settings", message: "setting `act` is unknown: dance" });
});
