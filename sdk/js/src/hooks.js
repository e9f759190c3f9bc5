// The three hooks: what stands between the component's exports and the author's functions.

import { EditError, HookError } from "./errors.js";
import { Document } from "./document.js";
import { Order } from "./order.js";
import { Candidates } from "./routing.js";
import * as log from "./log.js";
import { toWit } from "./wit.js";

/** The hook before mapping: `(context, order) => verdict`. Export it as `preMap`. */
export function definePreMap(rule) {
  return hook((context, order) => answer(rule(context, new Order(order)), ["proceed", "hold", "reject"]));
}

/** The hook that decides which warehouse ships what: `(context, order, candidates) => route`. Export it as `routeOrder`. */
export function defineRouteOrder(rule) {
  return hook((context, order, candidates) => {
    const route = answer(rule(context, new Order(order), new Candidates(candidates)), ["ship", "hold", "reject"]);
    return route.tag === "ship" ? { tag: "ship", val: route.val.map(shipmentToWit) } : route;
  });
}

/** The hook after mapping, once per document: `(context, order, document) => verdict`. Export it as `postMap`. */
export function definePostMap(rule) {
  return hook((context, order, document) => answer(rule(context, new Order(order), new Document(document)), ["proceed", "hold", "reject"]));
}

function hook(run) {
  return {
    run(...given) {
      try {
        return run(...given);
      } catch (thrown) {
        if (thrown instanceof HookError) throw thrown;
        if (thrown instanceof EditError) throw HookError.failed(`an edit was refused: ${thrown.message}`);
        // The sandbox only says that something broke; this tells what and where.
        log.error(`${thrown}\n${thrown?.stack ?? ""}`.trimEnd());
        throw thrown;
      }
    },
  };
}

/** A forgotten `return` must not let an order pass that was to be held. */
function answer(given, tags) {
  if (!tags.includes(given?.tag))
    throw new TypeError(`the hook must return ${tags.map((tag) => `${tag}(…)`).join(", ")}: is a \`return\` missing?`);
  return given;
}

function shipmentToWit({ warehouse, lines }) {
  const lineToWit = ({ line, quantity }) => ({ line, quantity: toWit(quantity, `the quantity of line ${line}`) });
  return { warehouse, lines: lines.map(lineToWit) };
}
