// Price breaks by quantity for one customer segment, at `pre-map`; the same as examples/segment-discount, in TypeScript.
//
// Settings: `segment` (by default "wholesale"), and `breaks.10 = "5"`: from 10 units of a line, 5 % off its unit price.
// The largest break that a line reaches counts. Prices are rounded to the currency's digits; a list price that is finer
// (a screw at 0.0425) keeps four.

import { type Decimal, decimal, definePreMap, proceed, settings } from "crossdock-sdk";

/** From so many units of a line, so many per cent off. */
interface Break {
  units: Decimal;
  percent: Decimal;
  reason: string;
}

export const preMap = definePreMap((_context, order) => {
  const header = order.header;
  const segment = settings.get("segment") ?? "wholesale";
  if (header.segment !== segment) return proceed();
  const breaks = readBreaks(segment);
  for (const line of order.lines) {
    const reached = breaks.find(({ units }) => !units.isMoreThan(line.quantity));
    if (reached === undefined) continue;
    const list = line.unitPrice;
    const digits = list.normalize().scale > header.currencyDigits ? 4 : header.currencyDigits;
    line.setUnitPrice(list.percentOff(reached.percent).round(digits), reached.reason);
  }
  return proceed();
});

/** The breaks of the settings, the largest first. */
function readBreaks(segment: string): Break[] {
  const breaks = settings.decimals("breaks.").map(([key, percent]) => {
    const units = quantity(key);
    if (percent.isNegative() || percent.isMoreThan(100)) throw settings.wrong(`breaks.${key}`, "0 to 100 per cent");
    return { units, percent, reason: `${segment}: ${units} or more, ${percent} % off` };
  });
  return breaks.sort((a, b) => b.units.compare(a.units));
}

function quantity(key: string): Decimal {
  try {
    return decimal(key);
  } catch {
    throw settings.wrong(`breaks.${key}`, "a quantity after the point, such as breaks.10");
  }
}
