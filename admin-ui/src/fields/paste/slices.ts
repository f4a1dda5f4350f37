/** How long the page may wait for a slice of work; a frame is 16 ms. */
const SLICE_MS = 10;

/** Runs a generator to its end, at once where it is quick, else in slices between which the page draws and hears keys. */
export async function inSlices<Result>(steps: Generator<void, Result>): Promise<Result> {
  for (;;) {
    const until = performance.now() + SLICE_MS;
    while (performance.now() < until) {
      const step = steps.next();
      if (step.done) return step.value;
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
}
