// {{name}}: what this plugin decides. The host checks and records every edit; the sums follow.

import * as crossdock from "crossdock-sdk";
// @hook pre-map

/** Takes `percent` (5) off all prices for customers of the segment `segment` (wholesale). */
export const preMap = crossdock.definePreMap((_context, order) => {
  const segment = crossdock.settings.get("segment") ?? "wholesale";
  const percent = crossdock.settings.decimal("percent") ?? 5;
  const header = order.header;
  if (header.segment === segment) {
    for (const line of order.lines) {
      const price = line.unitPrice.percentOff(percent).round(header.currencyDigits);
      line.setUnitPrice(price, `${segment}: ${percent} % off`);
    }
  }
  return crossdock.proceed();
});
// @end
// @hook route-order

/** Ships everything from the first warehouse that has everything. */
export const routeOrder = crossdock.defineRouteOrder((_context, order, candidates) => {
  for (const [place, warehouse] of candidates.warehouses.entries()) {
    const has = (line) => !candidates.stock(place, line.index).isLessThan(line.quantity);
    if (order.lines.every(has)) {
      const lines = order.lines.map(({ index, quantity }) => ({ line: index, quantity }));
      return crossdock.ship([{ warehouse: warehouse.id, lines }]);
    }
  }
  return crossdock.hold("no warehouse has everything");
});
// @end
// @hook post-map

/** Writes the setting `payment-terms` (NET30) into the ERP's document. */
export const postMap = crossdock.definePostMap((_context, _order, document) => {
  const terms = crossdock.settings.get("payment-terms") ?? "NET30";
  document.setField("PaymentTerms", terms, "terms of the settings");
  return crossdock.proceed();
});
// @end
