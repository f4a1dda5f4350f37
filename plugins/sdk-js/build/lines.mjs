// From which line of which module each line of a bundle was made: what stack traces need of a source map.

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The numbers of a segment of a source map. */
function decoded(segment) {
  const numbers = [];
  let [value, shift] = [0, 0];
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) * 2 ** shift;
    shift += 5;
    if ((bits & 32) === 0) {
      numbers.push(value % 2 === 1 ? -((value - 1) / 2) : value / 2);
      [value, shift] = [0, 0];
    }
  }
  return numbers;
}

/**
 * The table of the source map of a bundle: names of modules, and runs of lines, each as `line,module,line there,number of lines`, joined by
 * `;`. Lines count from 1. `nameOf` gives the name of a module by its path in the map.
 */
export function lineTable(map, bundle, nameOf) {
  const runs = [];
  const texts = bundle.split("\n");
  let [source, original] = [0, 0];
  for (const [i, text] of map.mappings.split(";").entries()) {
    // Before the indentation ends, a line continues what the one above it was made of.
    const indentation = /^\s*/.exec(texts[i] ?? "")[0].length;
    let [column, first] = [0, undefined];
    for (const segment of text.split(",")) {
      const [columns = 0, sources, lines] = decoded(segment);
      column += columns;
      if (sources !== undefined) {
        source += sources;
        original += lines;
        first = first === undefined || column <= indentation ? [source, original] : first;
      }
    }
    if (first === undefined) {
      continue;
    }
    const last = runs.at(-1);
    if (last !== undefined && last[0] + last[3] === i + 1 && last[1] === first[0] && last[2] + last[3] === first[1] + 1) {
      last[3] += 1;
    } else {
      runs.push([i + 1, first[0], first[1] + 1, 1]);
    }
  }
  return { modules: map.sources.map(nameOf), runs: runs.map((run) => run.join(",")).join(";") };
}

/** A stack of the component's with the places in the modules, as `src/exports/stack.ts` makes it in the component. */
export function inModules(stack, { modules, runs }) {
  return stack.replace(/[\w:-]*user\.js:(\d+)(:\d+)?/g, (place, line) => {
    const run = runs
      .split(";")
      .map((text) => text.split(",").map(Number))
      .find(([from, , , count]) => line >= from && line < from + count);
    return run === undefined ? place : `${modules[run[1]]}:${run[2] + (line - run[0])}`;
  });
}
