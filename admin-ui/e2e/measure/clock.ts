import type { Page } from 'playwright-core';
import { extendLimit } from '../harness/patience';

/** The figures of one measurement, in milliseconds. */
export interface Percentiles {
  p50: number;
  p95: number;
  max: number;
  of: number;
}

export function spread(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95), max: at(1), of: sorted.length };
}

export function formatPercentiles({ p50, p95, max, of }: Percentiles): string {
  return `p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, max ${max.toFixed(1)} ms (${of})`;
}

/** The page's own clock, told by the page: what goes between the browser and this script costs nothing of what is measured. */
interface Clock {
  /** From a click to the first painted frame in which `done` holds. */
  opened: number[];
  /** From a key to the frame that shows it. */
  keys: number[];
  listening?: boolean;
}

declare global {
  // oxlint-disable-next-line no-var
  var cairnClock: Clock | undefined;
}

/** Starts to note, for each key from now on, how long it takes until the frame that shows it is painted. */
export async function noteKeys(page: Page): Promise<void> {
  await page.evaluate(() => {
    const clock = (globalThis.cairnClock ??= { opened: [], keys: [] });
    clock.keys = [];
    if (clock.listening) return;
    clock.listening = true;
    const channel = new MessageChannel();
    const waiting: number[] = [];
    // A message sent in a frame's callback arrives when that frame has been laid out and painted.
    channel.port1.addEventListener('message', () => {
      const now = performance.now();
      for (const from of waiting.splice(0)) clock.keys.push(now - from);
    });
    channel.port1.start();
    window.addEventListener(
      'keydown',
      (event) => {
        const from = event.timeStamp;
        requestAnimationFrame(() => {
          waiting.push(from);
          channel.port2.postMessage(null);
        });
      },
      { capture: true },
    );
  });
}

export async function keysNoted(page: Page): Promise<number[]> {
  return page.evaluate(() => globalThis.cairnClock?.keys ?? []);
}

/**
 * Begins to note what the page's thread works, in milliseconds of processor time: what else the machine does makes things
 * take longer, not this. Answers what tells it.
 */
export async function noteWork(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const told = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1000;
  };
  const before = await told();
  return async () => {
    const after = await told();
    await session.detach();
    return after - before;
  };
}

/** How long it takes from a click on a link until what it leads to can be worked with: all of `ready` is on the page. */
export async function clickUntil(page: Page, link: string, ready: readonly string[]): Promise<number> {
  await page.evaluate((wanted) => {
    const clock = (globalThis.cairnClock ??= { opened: [], keys: [] });
    window.addEventListener(
      'click',
      (event) => {
        const from = event.timeStamp;
        const look = () => {
          if (!wanted.every((each) => document.querySelector(each))) requestAnimationFrame(look);
          else {
            const channel = new MessageChannel();
            channel.port1.addEventListener('message', () => clock.opened.push(performance.now() - from), {
              once: true,
            });
            channel.port1.start();
            channel.port2.postMessage(null);
          }
        };
        requestAnimationFrame(look);
      },
      { capture: true, once: true },
    );
  }, ready);
  const before = await page.evaluate(() => globalThis.cairnClock?.opened.length ?? 0);
  await page.locator(link).first().click();
  await page.waitForFunction((old) => (globalThis.cairnClock?.opened.length ?? 0) > old, before, {
    timeout: extendLimit(60_000),
  });
  return page.evaluate(() => globalThis.cairnClock?.opened.at(-1) ?? Number.NaN);
}
