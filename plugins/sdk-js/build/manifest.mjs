// What of a plugin's manifest the build needs: which sections there are, and their names.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";

/** A mistake of the author's: told without a stack. */
export class Mistake extends Error {}

/** Every table that `main.ts` may export, with the section it belongs to and what a first handler looks like. */
export const TABLES = {
  hooks: { section: "[[hook]]", interface: "hooks", example: (name) => `export const hooks: Hooks = { ${name}: (change) => allow };` },
  subscriptions: {
    section: "[[subscription]]",
    interface: "event-handler",
    example: (name) => `export const subscriptions: Subscriptions = { ${name}(event) { … } };`,
  },
  jobs: { section: "[[job]]", interface: "job-handler", example: (name) => `export const jobs: Jobs = { ${name}(task) { … } };` },
  batchJobs: {
    section: "[[job]] with `batch`",
    interface: "batch-job-handler",
    example: (name) => `export const batchJobs: BatchJobs = { ${name}(tasks) { … } };`,
  },
  routes: {
    section: "[[route]]",
    interface: "http-handler",
    example: (name) => `export const routes: Routes = { ${name}: (request) => replyEmpty(204) };`,
  },
  policy: {
    section: "[read-policy]",
    interface: "read-policy",
    example: () => `export const policy: ReadPolicy = (contentTypes) => …;`,
  },
  views: {
    section: "[[admin.view]]",
    interface: "admin",
    example: (name) => `export const views: Views = { ${name}: { view: () => ({ … }) } };`,
  },
  lifecycle: { section: undefined, interface: "lifecycle", example: () => "" },
  privacy: { section: undefined, interface: "privacy", example: () => "" },
};

/**
 * Reads `plugin.toml` of a folder: the id, and the names of each table's sections. `policy` has none, and is true or false.
 * Everything else about the manifest is for `cairn plugin check`.
 */
export function readManifest(folder) {
  const path = join(folder, "plugin.toml");
  let text;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new Mistake(`cannot read ${path}: ${error.message}`);
  }
  let manifest;
  try {
    manifest = parse(text);
  } catch (error) {
    throw new Mistake(`${path}: ${error.message}`);
  }
  const id = manifest.plugin?.id;
  if (typeof id !== "string") {
    throw new Mistake(`${path} has no \`id\` in [plugin]`);
  }
  const names = (sections, which = () => true) =>
    (Array.isArray(sections) ? sections : []).filter(which).map((section) => String(section.name));
  return {
    id,
    sections: {
      hooks: names(manifest.hook),
      subscriptions: names(manifest.subscription),
      jobs: names(manifest.job),
      batchJobs: names(manifest.job, (job) => job.batch !== undefined),
      routes: names(manifest.route),
      policy: manifest["read-policy"] !== undefined,
      views: names(manifest.admin?.view, (view) => view.source === "declarative"),
    },
  };
}

/** The tables that go into the component, once what `main.ts` exports agrees with the manifest. */
export function tablesOf(manifest, exported) {
  const known = Object.keys(TABLES);
  const unknown = exported.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Mistake(`src/main.ts exports ${quoted(unknown)}; what a plugin exports is one of ${known.join(", ")}`);
  }
  return known.filter((table) => {
    const { section, example } = TABLES[table];
    const there = exported.includes(table);
    const declared = section === undefined ? there : asked(manifest.sections[table]);
    if (declared && !there) {
      const names = Array.isArray(manifest.sections[table]) ? manifest.sections[table] : [];
      const key = names[0] === undefined || /^[a-z]\w*$/.test(names[0]) ? names[0] : JSON.stringify(names[0]);
      throw new Mistake(`plugin.toml has ${section} ${quoted(names)}; export what answers it from src/main.ts:\n    ${example(key)}`);
    }
    if (there && !declared) {
      throw new Mistake(`src/main.ts exports \`${table}\`, and plugin.toml has no ${section}`);
    }
    return there;
  });
}

function asked(section) {
  return Array.isArray(section) ? section.length > 0 : section;
}

function quoted(names) {
  return names.map((name) => `"${name}"`).join(", ");
}
