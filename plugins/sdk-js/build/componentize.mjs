// One run of componentize-qjs in a process of its own, which can be ended: code at the top level of a plugin runs in it.
// Arguments: a JSON file with the options, and where the component goes.

import { readFileSync, writeFileSync } from "node:fs";
import { componentize } from "componentize-qjs";

const [options, out] = process.argv.slice(2);
try {
  writeFileSync(out, (await componentize(JSON.parse(readFileSync(options, "utf8")))).component);
} catch (failed) {
  process.stderr.write(String(failed.message ?? failed));
  process.exitCode = 1;
}
