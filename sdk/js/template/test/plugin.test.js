// The rules of {{name}}, tested natively: `npm test`.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as sample from "crossdock-sdk/sample";
import * as plugin from "../src/plugin.js";
// @hook pre-map

test("the segment gets its percentage", () => {
  sample.settings({ percent: "10" });
  const lines = [{ sku: "LAMP", quantity: 2, unitPrice: "49.95" }];
  const order = sample.order({ segment: "wholesale", lines });
  sample.preMap(plugin.preMap, order);
  assert.equal(`${order.lines[0].unitPrice}`, "44.96");
  assert.equal(sample.changes(order)[0].reason, "wholesale: 10 % off");
});

test("others pay the list price", () => {
  const lines = [{ sku: "LAMP", quantity: 2, unitPrice: "49.95" }];
  const order = sample.order({ segment: "retail", lines });
  sample.preMap(plugin.preMap, order);
  assert.deepEqual(sample.changes(order), []);
});
// @end
// @hook route-order

test("the first warehouse that has everything ships", () => {
  const lines = [
    { sku: "LAMP", quantity: 2, unitPrice: 10 },
    { sku: "BULB", quantity: 5, unitPrice: 1 },
  ];
  const order = sample.order({ lines });
  const candidates = sample.candidates(order, [
    { id: "TOR", stock: { LAMP: 9 } },
    { id: "VAN", stock: { LAMP: 2, BULB: 5 } },
  ]);
  const route = sample.routeOrder(plugin.routeOrder, order, candidates);
  assert.deepEqual(JSON.parse(JSON.stringify(route)), {
    tag: "ship",
    val: [
      {
        warehouse: "VAN",
        lines: [
          { line: 0, quantity: "2" },
          { line: 1, quantity: "5" },
        ],
      },
    ],
  });
});

test("without stock the order waits", () => {
  const order = sample.order({ lines: [{ sku: "LAMP", quantity: 2, unitPrice: 10 }] });
  const candidates = sample.candidates(order, [{ id: "TOR" }]);
  assert.equal(sample.routeOrder(plugin.routeOrder, order, candidates).tag, "hold");
});
// @end
// @hook post-map

test("the terms of the settings are written", () => {
  sample.settings({ "payment-terms": "NET45" });
  const order = sample.order({ lines: [{ sku: "LAMP", quantity: 2, unitPrice: 10 }] });
  const document = sample.document(order);
  sample.postMap(plugin.postMap, order, document);
  assert.equal(document.field("PaymentTerms"), "NET45");
});
// @end
