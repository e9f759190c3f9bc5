// Builds the plugin in the current folder to one component: src/plugin.ts or src/plugin.js and wit/ in, a .wasm file out.
// Usage: node build.mjs [OUTPUT], by default dist/plugin.wasm. It checks no types and runs no tests.

import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { componentize } from "componentize-qjs";
import { build } from "esbuild";
import { giveBackBorrows } from "./borrows.mjs";

const output = resolve(process.argv[2] ?? "dist/plugin.wasm");
const contract = fileURLToPath(new URL("../../../wit", import.meta.url));

try {
  const wit = gatherWit();
  try {
    const { component } = await componentize({ witPath: wit, worldName: "plugin", jsSource: await bundle(), stubWasi: true, sync: true });
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(output, giveBackBorrows(component));
  } finally {
    rmSync(wit, { recursive: true });
  }
} catch (error) {
  console.error(`build: ${error.message}`);
  process.exit(1);
}

/** One ES module of the plugin and what it imports. What the host gives stays an import. */
async function bundle() {
  const entry = ["src/plugin.ts", "src/plugin.js"].find((file) => existsSync(file));
  if (entry === undefined) throw new Error("there is no src/plugin.js or src/plugin.ts here");
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    conditions: ["crossdock"],
    external: ["crossdock:*"],
  });
  return outputFiles[0].text;
}

/** A folder with the plugin's world and, as its dependency, the contract beside the SDK. */
function gatherWit() {
  if (!existsSync("wit/plugin.wit")) throw new Error("there is no wit/plugin.wit here");
  const folder = mkdtempSync(join(tmpdir(), "crossdock-"));
  cpSync("wit", folder, { recursive: true });
  cpSync(contract, join(folder, "deps", "crossdock-plugin"), { recursive: true });
  return folder;
}
