// The rule of this plugin, tested natively.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { DecimalLike } from "crossdock-sdk";
import * as sample from "crossdock-sdk/sample";
import { preMap } from "../src/plugin.ts";

const line = (sku: string, quantity: DecimalLike, unitPrice: DecimalLike) => ({ sku, quantity, unitPrice });

test("the largest break reached counts", () => {
  sample.settings({ "breaks.10": "5", "breaks.50": "10" });
  const order = sample.order({ segment: "wholesale", lines: [line("A", 9, 10), line("B", 10, "19.99"), line("C", 60, 8)] });
  assert.deepEqual(sample.preMap(preMap, order), { tag: "proceed" });
  assert.deepEqual(
    order.lines.map(({ unitPrice }) => `${unitPrice}`),
    ["10", "18.99", "7.2"],
  );
  assert.equal(sample.changes(order)[0].reason, "wholesale: 10 or more, 5 % off");
});

test("a fine list price stays fine", () => {
  sample.settings({ "breaks.10": "5" });
  const order = sample.order({ segment: "wholesale", lines: [line("SCREW", 200, "0.0425")] });
  sample.preMap(preMap, order);
  assert.equal(`${order.lines[0].unitPrice}`, "0.0404");
});

test("other segments pay the list price", () => {
  sample.settings({ "breaks.1": "50" });
  const order = sample.order({ segment: "retail", lines: [line("A", 10, 10)] });
  sample.preMap(preMap, order);
  assert.deepEqual(sample.changes(order), []);
});

test("a wrong setting is named", () => {
  const order = sample.order({ segment: "wholesale", lines: [line("A", 10, 10)] });
  sample.settings({ "breaks.10": "five" });
  assert.throws(() => sample.preMap(preMap, order), { kind: "settings", message: /`breaks.10`/ });
  sample.settings({ "breaks.ten": "5" });
  assert.throws(() => sample.preMap(preMap, order), { kind: "settings", message: /such as breaks.10/ });
  sample.settings({ "breaks.10": "101" });
  assert.throws(() => sample.preMap(preMap, order), { kind: "settings", message: /0 to 100 per cent/ });
});
