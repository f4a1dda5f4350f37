import { describe, expect, it } from 'vitest';
import { shouldRetry, retryWhileBusy, limitConcurrency, retryDelay } from './limit';

/** A task that ends when it is told to. */
function task(name: string, log: string[]): { run: () => Promise<string>; end: () => unknown } {
  const gate = new EventTarget();
  const ended = new Promise<string>((done) => gate.addEventListener('end', () => done(name)));
  return {
    run: () => {
      log.push(name);
      return ended;
    },
    end: () => gate.dispatchEvent(new Event('end')),
  };
}

const settled = (): Promise<void> => new Promise((done) => setTimeout(done));

describe('the concurrency limit', () => {
  it('runs a limited number of tasks, the most recent first', async () => {
    const log: string[] = [];
    const through = limitConcurrency(2);
    const tasks = ['a', 'b', 'c', 'd'].map((name) => task(name, log));
    const all = tasks.map(({ run }) => through(run));
    await settled();
    expect(log).toEqual(['a', 'b']);
    tasks[0]?.end();
    await settled();
    expect(log).toEqual(['a', 'b', 'd']);
    tasks.forEach(({ end }) => end());
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
    expect(log).toEqual(['a', 'b', 'd', 'c']);
  });

  it('skips aborted tasks, and continues after a failure', async () => {
    const log: string[] = [];
    const through = limitConcurrency(1);
    const first = task('first', log);
    const stop = new AbortController();
    const running = through(first.run);
    const given = through(task('given up', log).run, stop.signal);
    stop.abort();
    await expect(given).rejects.toThrow('abort');
    first.end();
    await running;
    await expect(through(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const last = task('last', log);
    const after = through(last.run);
    last.end();
    expect(await after).toBe('last');
    expect(log).toEqual(['first', 'last']);
  });
});

it('retries only requests that a busy server rejected', async () => {
  const answers: unknown[] = [
    { status: 503, retryAfter: 0.001 },
    { status: 429, retryAfter: 0.001 },
  ];
  let tries = 0;
  const again = (): Promise<string> => {
    tries += 1;
    const answer = answers.shift();
    return answer ? Promise.reject(Object.assign(new Error('no'), answer)) : Promise.resolve('done');
  };
  expect(await retryWhileBusy(again, new AbortController().signal)).toBe('done');
  expect(tries).toBe(3);
  answers.push({ status: 500 });
  await expect(retryWhileBusy(again, new AbortController().signal)).rejects.toThrow('no');
});

it('retries when a busy server says so, and does not retry refusals', () => {
  expect([0, 5, 6].map((failures) => shouldRetry(failures, { status: 503 }))).toEqual([true, true, false]);
  expect([0, 2].map((failures) => shouldRetry(failures, { status: 500 }))).toEqual([true, false]);
  expect(shouldRetry(0, { status: 403 })).toBe(false);
  expect(shouldRetry(0, {})).toBe(true);
  expect(retryDelay(0, { status: 503, retryAfter: 2 })).toBe(2000);
  expect(retryDelay(2, {})).toBe(4000);
});
