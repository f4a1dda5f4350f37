// Before `npm pack`: the contract and the kit for frames go into the package, which is then whole by itself.

import { cpSync } from "node:fs";
import { join } from "node:path";
import { PACKAGE } from "./bundle.mjs";

cpSync(join(PACKAGE, "../wit/v0.1"), join(PACKAGE, "wit/v0.1"), { recursive: true });
for (const name of ["cairn-kit.js", "cairn-kit.d.ts"]) {
  cpSync(join(PACKAGE, "../kit", name), join(PACKAGE, "kit", name));
}
