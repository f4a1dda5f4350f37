// The functions of each interface that a plugin imports: of the contract, and of `src/raw`.

import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Where tests are run: the package's folder. */
const FOLDER = process.cwd();

function camel(name) {
  return name.replace(/^%/, "").replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
}

/** The text of a file of the contract, without comments. */
function wit(file) {
  return readFileSync(join(FOLDER, `../wit/v0.1/${file}.wit`), "utf8").replace(/\/\/.*$/gm, "");
}

/** `{ kv: ["delete", "get", …] }` of the `.wit` files: methods of resources as `scan.next`. */
export function contract() {
  const found = {};
  const [, imports] = wit("world").match(/^world imports \{\n([\s\S]*?)^\}/m);
  for (const [, name] of imports.matchAll(/^ {2}import ([\w-]+);/gm)) {
    const [, body] = wit(name).match(/^interface [\w-]+ \{\n([\s\S]*?)^\}/m);
    found[name] = functions(body);
  }
  return found;
}

function functions(body) {
  const names = [...body.matchAll(/^ {2}%?([\w-]+): (?:func)/gm)].map((match) => camel(match[1]));
  for (const [, resource, inner] of body.matchAll(/^ {2}resource ([\w-]+) \{\n([\s\S]*?)^ {2}\}/gm)) {
    names.push(...[...inner.matchAll(/^ {4}%?([\w-]+): (?:static )?func/gm)].map((match) => `${resource}.${camel(match[1])}`));
  }
  return names.sort();
}

/** The same of the declarations. */
export function declared() {
  const found = {};
  for (const file of ["types", "data", "services"]) {
    const text = readFileSync(join(FOLDER, `src/raw/${file}.d.ts`), "utf8");
    for (const [, name, body] of text.matchAll(/declare module "cairn:plugin\/([\w-]+)@[\d.]+" \{\n([\s\S]*?)\n\}/g)) {
      const names = [...body.matchAll(/export (?:function (\w+)|\{ \w+ as (\w+) \})/g)].map((match) => match[1] ?? match[2]);
      for (const [, resource, inner] of body.matchAll(/export class (\w+) \{\n([\s\S]*?)^ {2}\}/gm)) {
        const methods = [...inner.matchAll(/^ {4}(?:static )?([a-z]\w*)\(/gm)].map((match) => match[1]);
        names.push(...methods.filter((method) => method !== "constructor").map((method) => `${resource.toLowerCase()}.${method}`));
      }
      found[name] = names.sort();
    }
  }
  return found;
}
