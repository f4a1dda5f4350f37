import { describe, expect, it } from 'vitest';
import { asksAgain, patiently, turnstile, waitBefore } from './limit';

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

describe('a turnstile', () => {
  it('lets so many in at once, the last to come first', async () => {
    const log: string[] = [];
    const through = turnstile(2);
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

  it('forgets who gave up waiting, and goes on after a failure', async () => {
    const log: string[] = [];
    const through = turnstile(1);
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

it('does again what a busy server did not do, and nothing else', async () => {
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
  expect(await patiently(again, new AbortController().signal)).toBe('done');
  expect(tries).toBe(3);
  answers.push({ status: 500 });
  await expect(patiently(again, new AbortController().signal)).rejects.toThrow('no');
});

it('asks a busy server again when it says, and takes a refusal for one', () => {
  expect([0, 5, 6].map((failures) => asksAgain(failures, { status: 503 }))).toEqual([true, true, false]);
  expect([0, 2].map((failures) => asksAgain(failures, { status: 500 }))).toEqual([true, false]);
  expect(asksAgain(0, { status: 403 })).toBe(false);
  expect(asksAgain(0, {})).toBe(true);
  expect(waitBefore(0, { status: 503, retryAfter: 2 })).toBe(2000);
  expect(waitBefore(2, {})).toBe(4000);
});
