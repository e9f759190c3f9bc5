// Crossdock plugins in JavaScript and TypeScript: everything an author imports. Tests import `crossdock-sdk/sample`, too.

export { hold, plusMinutes, proceed, reject, ship } from "./answers.js";
export { Decimal, MAX_SCALE, decimal, sum } from "./decimal.js";
export { Document } from "./document.js";
export { EditError, HookError } from "./errors.js";
export { definePostMap, definePreMap, defineRouteOrder } from "./hooks.js";
export * as log from "./log.js";
export { Line, Order } from "./order.js";
export { Candidates, carries } from "./routing.js";
export * as settings from "./settings.js";
