// Gives the handles that the host lends to a hook back before the hook returns, as the component model asks for.
// QuickJS components made by componentize-qjs give them back after the return, which the host answers with a trap.
// Not a general tool: it knows the code that this pinned version writes, and refuses what it does not know.

/** Flat parameters of a hook before its handles: integration and event id (2 each), attempt, time and offset of `now`. */
const BEFORE_HANDLES = 7;
/** The handles each hook is lent, in the order of its parameters: interface and resource. */
const LENT = {
  "pre-map": [["orders", "order"]],
  "route-order": [
    ["orders", "order"],
    ["routing", "candidates"],
  ],
  "post-map": [
    ["orders", "order"],
    ["documents", "document"],
  ],
};
const HEADER = 8;
const COMPONENT = 0x0d;

/** The component with the hooks of every module in it repaired. Throws when there is no hook to repair. */
export function giveBackBorrows(component) {
  const repaired = { hooks: 0 };
  const bytes = rewriteComponent(component, repaired);
  if (repaired.hooks === 0) {
    throw new Error("no hook was found in the component: is componentize-qjs another version than the SDK names?");
  }
  return bytes;
}

function rewriteComponent(bytes, repaired) {
  const sections = split(bytes).map(({ id, body }) => {
    if (id === 1) return { id, body: rewriteModule(body, repaired) };
    if (id === 4 && body[4] === COMPONENT) return { id, body: rewriteComponent(body, repaired) };
    return { id, body };
  });
  return join(bytes.subarray(0, HEADER), sections);
}

function rewriteModule(bytes, repaired) {
  const sections = split(bytes);
  const section = (id) => sections.find((one) => one.id === id)?.body;
  const imports = importedFunctions(section(2));
  const exports = exportedFunctions(section(7));
  const bodies = new Map();
  for (const [hook, lent] of Object.entries(LENT)) {
    const name = [...exports.keys()].find((one) => one.startsWith(`crossdock:plugin/${hook}@`) && one.endsWith("#run"));
    if (name === undefined) continue;
    const version = name.slice(name.indexOf("@"), name.indexOf("#"));
    const drops = lent.map(([of, resource]) => imports.indexOf(`crossdock:plugin/${of}${version} [resource-drop]${resource}`));
    const cleanUp = exports.get(`cabi_post_${name}`);
    if (drops.includes(-1) || cleanUp === undefined) throw new Error(`\`${name}\` does not look as expected`);
    bodies.set(exports.get(name) - imports.length, (code) => dropAtTheEnd(code, drops));
    // It would give the handles back a second time. What else it frees goes with the sandbox, which lives for one call.
    bodies.set(cleanUp - imports.length, () => Uint8Array.of(0, END));
    repaired.hooks += 1;
  }
  if (bodies.size === 0) return bytes;
  const rewritten = sections.map(({ id, body }) => ({ id, body: id === 10 ? rewriteCode(body, bodies) : body }));
  return join(bytes.subarray(0, HEADER), rewritten);
}

const END = 0x0b;
const CALL = 0x10;
const LOCAL_GET = 0x20;

/** The handles are parameters, which the generated code never writes; the result below them on the stack stays. */
function dropAtTheEnd(code, drops) {
  if (code.at(-1) !== END) throw new Error("a function without an end");
  const calls = drops.flatMap((drop, index) => [LOCAL_GET, ...number(BEFORE_HANDLES + index), CALL, ...number(drop)]);
  return concat([code.subarray(0, -1), Uint8Array.from([...calls, END])]);
}

function rewriteCode(body, bodies) {
  const from = reader(body);
  const count = from.number();
  const functions = [number(count)];
  for (let index = 0; index < count; index += 1) {
    const code = from.bytes(from.number());
    const changed = bodies.get(index)?.(code) ?? code;
    functions.push(number(changed.length), changed);
  }
  return concat(functions);
}

/** Names of the imported functions, `MODULE NAME`: they come first in the index space. */
function importedFunctions(body) {
  const names = [];
  const from = reader(body ?? Uint8Array.of(0));
  for (let left = from.number(); left > 0; left -= 1) {
    const name = `${from.text()} ${from.text()}`;
    const kind = from.number();
    if (kind === 0) names.push(name);
    if (kind === 1 || kind === 3) from.number(); // the type of a table's elements or of a global
    if (kind === 1 || kind === 2) from.limits();
    else from.number(); // a function's type, a global's mutability, a tag's attribute
    if (kind === 4) from.number();
  }
  return names;
}

function exportedFunctions(body) {
  const functions = new Map();
  const from = reader(body ?? Uint8Array.of(0));
  for (let left = from.number(); left > 0; left -= 1) {
    const [name, kind, index] = [from.text(), from.number(), from.number()];
    if (kind === 0) functions.set(name, index);
  }
  return functions;
}

function split(bytes) {
  const from = reader(bytes, HEADER);
  const sections = [];
  while (!from.done()) {
    const id = from.number();
    sections.push({ id, body: from.bytes(from.number()) });
  }
  return sections;
}

function join(header, sections) {
  return concat([header, ...sections.flatMap(({ id, body }) => [Uint8Array.of(id), number(body.length), body])]);
}

function reader(bytes, at = 0) {
  const from = {
    done: () => at >= bytes.length,
    bytes: (count) => bytes.subarray(at, (at += count)),
    text: () => new TextDecoder().decode(from.bytes(from.number())),
    number() {
      let value = 0;
      for (let factor = 1; ; factor *= 128) {
        const byte = bytes[at++];
        value += (byte & 127) * factor;
        if (byte < 128) return value;
      }
    },
    limits() {
      const flags = from.number();
      from.number();
      if (flags & 1) from.number();
    },
  };
  return from;
}

/** LEB128, unsigned. */
function number(value) {
  const bytes = [];
  do {
    bytes.push((value % 128) + (value >= 128 ? 128 : 0));
    value = Math.floor(value / 128);
  } while (value > 0);
  return Uint8Array.from(bytes);
}

function concat(parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
