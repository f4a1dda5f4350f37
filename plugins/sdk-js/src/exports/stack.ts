// Stack traces with the places that an author knows: the build leaves a table of lines in the component.

/** Names of modules, and runs of lines: `line,module,line there,number of lines`, joined by `;`. */
interface SourceLines {
  modules: string[];
  runs: string;
}

/** The stack with lines of the plugin's modules in place of those of the bundle that it was built to. */
export function inModules(stack: string): string {
  const table = (globalThis as { cairnSourceLines?: SourceLines }).cairnSourceLines;
  if (table === undefined) {
    return stack;
  }
  const runs = table.runs.split(";").map((text) => text.split(",").map(Number));
  return stack.replace(/[\w:-]*user\.js:(\d+)(:\d+)?/g, (place: string, digits: string) => {
    const line = Number(digits);
    for (const [from = 0, module = 0, there = 0, count = 0] of runs) {
      if (line >= from && line < from + count) {
        return `${table.modules[module]}:${there + line - from}`;
      }
    }
    return place;
  });
}
