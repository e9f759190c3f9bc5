// What a hook answers: verdicts and routes.

/** Go on, with the edits made so far. */
export const proceed = () => ({ tag: "proceed" });

/**
 * Keep the order and wait: for a person, or until an instant. The reason is one sentence that the merchant's staff reads.
 * Edits of this call are discarded; the hook runs again afterwards.
 */
export const hold = (reason, until) => ({ tag: "hold", val: { reason, until: until ?? null } });

/** Do not deliver. The reason is one sentence that the merchant reads. */
export const reject = (reason) => ({ tag: "reject", val: reason });

/**
 * Ship like this: a list of `{ warehouse, lines: [{ line, quantity }] }`, one shipment per warehouse, a line at most once
 * in each. What no shipment holds is backordered.
 */
export const ship = (shipments) => ({ tag: "ship", val: shipments });

/** An instant so many minutes later. */
export const plusMinutes = (instant, minutes) => ({ ...instant, unixMs: instant.unixMs + minutes * 60_000 });
