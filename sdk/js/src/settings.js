// This plugin's own settings: the table `[plugins.NAME.settings]` of the operator's file. Nested tables are flattened
// with dots (`breaks.10`), lists with their index (`countries.0`), and every value is text.

import { all, get as one } from "#host";
import { decimal as parse } from "./decimal.js";
import { HookError } from "./errors.js";

/** One setting; undefined when it is not set. */
export const get = (key) => one(key) ?? undefined;

/** One setting that must be set. Throws a HookError that names it. */
export function required(key) {
  const value = get(key);
  if (value === undefined) throw HookError.settings(`\`${key}\` is missing`);
  return value;
}

/** One setting as a Decimal; undefined when it is not set. Throws a HookError that names it. */
export function decimal(key) {
  const value = get(key);
  return value === undefined ? undefined : number(key, value);
}

/** One setting as a boolean; undefined when it is not set. Throws a HookError that names it. */
export function flag(key) {
  const value = get(key);
  if (value === undefined) return undefined;
  if (value !== "true" && value !== "false") throw wrong(key, "true or false");
  return value === "true";
}

/** All settings below a prefix as `[key, value]`, sorted by key, each key without the prefix: `withPrefix("terms.")`. */
export const withPrefix = (prefix) =>
  all()
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), value]);

/** All settings below a prefix as `[key, Decimal]`. Throws a HookError that names the first that is no number. */
export const decimals = (prefix) => withPrefix(prefix).map(([key, value]) => [key, number(`${prefix}${key}`, value)]);

/** The error for a setting that is wrong. It does not repeat the value: settings can be confidential. */
export const wrong = (key, expected) => HookError.settings(`\`${key}\` is wrong: expected ${expected}`);

function number(key, value) {
  try {
    return parse(value);
  } catch {
    throw wrong(key, "a number such as 19.99");
  }
}
