// The last step of a build refuses a component that it does not know, instead of letting it through.

import assert from "node:assert/strict";
import { test } from "node:test";
import { giveBackBorrows } from "../bin/borrows.mjs";

test("a component without a hook is refused", () => {
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0);
  assert.throws(() => giveBackBorrows(empty), /no hook was found/);
});
