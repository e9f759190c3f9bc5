// The conformance probe: asks for everything that the contract has, and says what it got. See sdk/conformance/README.md,
// which says what each step does. Not an example to copy: segment-discount is.

import { decimal, definePostMap, definePreMap, defineRouteOrder, EditError, hold, HookError, MAX_SCALE } from "crossdock-sdk";
import { log, plusMinutes, proceed, reject, settings, ship } from "crossdock-sdk";

export const preMap = definePreMap((context, order) => answer(PRE_MAP, [], context, order) ?? proceed());

export const routeOrder = defineRouteOrder((context, order, candidates) => answer(ROUTE_ORDER, ["route"], context, order, candidates));

export const postMap = definePostMap((context, order, document) => answer(POST_MAP, ["document"], context, order, document) ?? proceed());

/** Does the steps of `act` that are this hook's to answer; those that only other hooks have are passed over. */
function answer(own, without, ...given) {
  const passedOver = (step) => !Object.hasOwn(own, step) && HOOKS.some((steps) => Object.hasOwn(steps, step));
  const steps = (settings.get("act") ?? "").split("+").filter((step) => step !== "" && !passedOver(step));
  let answered;
  for (const step of steps.length > 0 ? steps : without) {
    if (!Object.hasOwn(own, step)) throw HookError.settings(`setting \`act\` is unknown: ${step}`);
    answered = own[step](...given);
  }
  return answered;
}

const EVERYWHERE = {
  hold: () => hold("waiting"),
  reject: () => reject("not this one"),
  "error-failed": () => {
    throw HookError.failed("probe says so");
  },
};

const PRE_MAP = {
  ...EVERYWHERE,
  describe,
  edit,
  sums,
  refused,
  arithmetic,
  settings: () => settings.withPrefix("").forEach(([key, value]) => log.info(`${key}=${value}`)),
  levels() {
    log.debug("one");
    log.info("two");
    log.warn("three");
    log.error("four");
  },
  "hold-until": (context) => hold("later", plusMinutes(context.now, 90)),
  "error-settings"() {
    throw HookError.settings("probe says so");
  },
  "error-unsupported"() {
    throw HookError.unsupported("probe says so");
  },
  panic() {
    throw new Error("probe says so");
  },
  loop() {
    for (;;);
  },
};

const ROUTE_ORDER = { ...EVERYWHERE, route, halves };
const POST_MAP = { ...EVERYWHERE, document: documentStep, locked };
const HOOKS = [PRE_MAP, ROUTE_ORDER, POST_MAP];

function describe(context, order) {
  const { header, payment } = order;
  log.info(`context integration=${context.integration} event=${context.eventId} attempt=${context.attempt} now=${instant(context.now)}`);
  log.info(
    `header number=${header.number} status=${header.status} currency=${header.currency} digits=${header.currencyDigits}` +
      ` ordered-at=${instant(header.orderedAt)} customer=${header.customerId} segment=${header.segment}` +
      ` subtotal=${short(header.subtotal)} discount=${short(header.discount)} shipping=${short(header.shipping)}` +
      ` tax=${short(header.tax)} total=${short(header.total)}`,
  );
  log.info(`billing ${address(order.billingAddress)}`);
  log.info(`shipping ${address(order.shippingAddress)}`);
  log.info(
    `payment method=${payment.method} status=${payment.status} transaction=${payment.transactionId} amount=${short(payment.amount)}`,
  );
  for (const line of order.lines) {
    const grade = line.field("grade");
    log.info(
      `line ${line.index} id=${line.id} sku=${line.sku} name=${line.name} type=${line.productType}` +
        ` quantity=${short(line.quantity)} price=${short(line.unitPrice)} discount=${short(line.discount)}` +
        ` rate=${short(line.taxRate)} tax=${short(line.tax)} total=${short(line.total)}` +
        ` grade=${grade === undefined ? "none" : written(grade)}`,
    );
  }
  for (const { name, value } of order.fields) log.info(`field ${name}=${written(value)}`);
  log.info(`tags ${order.tags.join(",")}`);
}

function edit(_context, order) {
  const digits = order.header.currencyDigits;
  for (const line of order.lines) line.setUnitPrice(line.unitPrice.percentOff(5).round(digits), "5 % off");
  order.setDiscount(0, 1, "one off");
  order.setShipping("7.5", "flat");
  order.setField("note", "checked ✓", "noted");
  order.setField("score", decimal("12.50"), "noted");
  order.setField("gift", true, "noted");
  order.setField("po-reference", undefined, "noted");
  order.setLineField(0, "grade", "A", "graded");
  order.addTag("probed", "seen");
}

function sums(_context, order) {
  order.setUnitPrice(0, 1, "one");
  const { subtotal, tax, total } = order.header;
  log.info(`sums subtotal=${short(subtotal)} tax=${short(tax)} total=${short(total)}`);
}

function refused(_context, order) {
  tried(() => order.setUnitPrice(99, 1, "try"));
  tried(() => order.setUnitPrice(0, -1, "try"));
  tried(() => order.setUnitPrice(0, "0.00001", "try"));
  tried(() => order.setDiscount(0, 1_000_000, "try"));
  tried(() => order.setShipping(-1, "try"));
  tried(() => order.setField("", "x", "try"));
  tried(() => order.setLineField(99, "of-line", "x", "try"));
  tried(() => order.setUnitPrice(0, 3, "try"));
}

function tried(edit) {
  try {
    edit();
    log.info("taken");
  } catch (error) {
    if (!(error instanceof EditError)) throw error;
    log.info(`refused ${error.kind}`);
  }
}

function arithmetic() {
  for (const [key, value] of settings.withPrefix("")) {
    if (key.startsWith("sum.")) log.info(`${key} ${result(...value.split(" "))}`);
  }
}

function result(...words) {
  const [first, operator, second, digits] = words;
  if (words.length !== (operator === "/" ? 4 : 3) || !["+", "-", "*", "/", "%", "r", "c"].includes(operator)) return "bad";
  let numbers;
  try {
    numbers = [decimal(first), decimal(second)];
  } catch {
    return "bad";
  }
  const [a, b] = numbers;
  const places = operator === "/" ? digits : operator === "r" ? second : "0";
  if (!/^\d{1,2}$/.test(places) || Number(places) > MAX_SCALE) return "bad";
  if (operator === "c") return ["less", "equal", "more"][a.compare(b) + 1];
  const results = {
    "+": () => a.plus(b),
    "-": () => a.minus(b),
    "*": () => a.times(b),
    "/": () => a.dividedBy(b, Number(places)),
    "%": () => a.percentOff(b),
    r: () => a.round(Number(places)),
  };
  try {
    return short(results[operator]());
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return "no";
  }
}

function route(_context, order, candidates) {
  const { lines } = order;
  const shipments = candidates.warehouses.map(({ id, country, region, productTypes }, place) => {
    const stock = lines.map((line) => short(candidates.stock(place, line.index)));
    log.info(`warehouse ${id} country=${country} region=${region} types=${productTypes.join(",")} stock=${stock.join(",")}`);
    return { warehouse: id, lines: [] };
  });
  for (const { index, quantity } of lines) {
    const shipment = shipments.find((_, place) => !candidates.stock(place, index).isLessThan(quantity));
    shipment?.lines.push({ line: index, quantity });
  }
  return ship(shipments.filter((shipment) => shipment.lines.length > 0));
}

function halves(_context, order, candidates) {
  const { quantity } = order.lines[0];
  const half = decimal(quantity.units / (2n * 10n ** BigInt(quantity.scale)));
  const parts = [half, quantity.minus(half)];
  const shipments = candidates.warehouses
    .slice(0, 2)
    .map(({ id }, place) => ({ warehouse: id, lines: [{ line: 0, quantity: parts[place] }] }));
  return ship(shipments.filter(({ lines }) => !lines[0].quantity.isZero()));
}

function documentStep(_context, _order, document) {
  log.info(`document key=${document.key} warehouse=${document.warehouse}`);
  for (const { name, value } of document.fields) log.info(`field ${name}=${written(value)}`);
  const places = Array.from({ length: document.lineCount }, (_, line) => line);
  for (const line of places) {
    log.info(
      `line ${line}${document
        .lineFields(line)
        .map(({ name, value }) => ` ${name}=${written(value)}`)
        .join("")}`,
    );
  }
  log.info(`column Quantity=${document.column("Quantity").map(written).join(",")}`);
  document.setField("Comment", "probed", "noted");
  document.setLineField(0, "GLCode", "4000", "coded");
  document.setColumn(
    "Site",
    places.map((line) => `S${line}`),
    "sited",
  );
}

function locked(_context, _order, document) {
  tried(() => document.setField("TotalAmount", 1, "try"));
}

const short = (number) => number.normalize().toString();
const instant = ({ unixMs, offsetMinutes }) => `${unixMs}@${offsetMinutes}`;

function written(value) {
  if (value === undefined) return "-";
  if (typeof value === "string") return `text:${value}`;
  return typeof value === "boolean" ? `flag:${value}` : `number:${short(value)}`;
}

function address(of) {
  return (
    `name=${of.name}|company=${of.company}|line1=${of.line1}|line2=${of.line2}|city=${of.city}|region=${of.region}` +
    `|postal-code=${of.postalCode}|country=${of.country}|phone=${of.phone}|email=${of.email}`
  );
}
