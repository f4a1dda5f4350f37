// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import type { Asset } from '@/api/assets';
import { type SendEvents, UploadQueue } from './uploads';

function stage() {
  const made: { events: SendEvents; started: number; aborted: boolean[] }[] = [];
  const queue = new UploadQueue(
    async (_file, _folder, events) => {
      const one = { events, started: 0, aborted: [] as boolean[] };
      made.push(one);
      return {
        start: () => {
          one.started += 1;
        },
        abort: async (end) => {
          one.aborted.push(end);
        },
      };
    },
    async (documentId) => ({ documentId }) as Asset,
  );
  return { queue, made, states: () => queue.list().map((item) => item.state) };
}

const settle = () => new Promise((done) => setTimeout(done));
const files = (count: number) => Array.from({ length: count }, (_, index) => new File(['12345'], `${index}.png`));

describe('uploads', () => {
  it('run two at a time', async () => {
    const { queue, made, states } = stage();
    queue.add(files(3));
    await settle();
    expect(states()).toEqual(['sending', 'sending', 'waiting']);
    made[0]?.events.onProgress(3);
    expect(queue.list()[0]?.sent).toBe(3);
    made[0]?.events.onDone('a');
    await settle();
    expect(states()).toEqual(['done', 'sending', 'sending']);
    expect(queue.list()[0]?.asset?.documentId).toBe('a');
    queue.clear();
    expect(queue.list()).toHaveLength(2);
  });

  it('pause, make room for others, and resume where they stopped', async () => {
    const { queue, made, states } = stage();
    queue.add(files(3));
    await settle();
    queue.pause(1);
    await settle();
    expect([states(), made[0]?.aborted]).toEqual([['paused', 'sending', 'sending'], [false]]);
    // What was on its way when it was stopped says nothing any more.
    made[0]?.events.onFailed(new Error('late'));
    expect(states()[0]).toBe('paused');
    queue.resume(1);
    await settle();
    expect(states()[0]).toBe('waiting');
    made[1]?.events.onDone('b');
    await settle();
    expect([states()[0], made[0]?.started, made.length]).toEqual(['sending', 2, 3]);
  });

  it('can be retried after a failure, and cancelled', async () => {
    const { queue, made, states } = stage();
    queue.add(files(1));
    await settle();
    made[0]?.events.onFailed(new Error('no line'));
    expect(queue.list()[0]).toMatchObject({ state: 'failed', error: { message: 'no line' } });
    queue.resume(1);
    await settle();
    expect(states()).toEqual(['sending']);
    queue.cancel(1);
    expect([queue.list(), made[0]?.aborted]).toEqual([[], [true]]);
  });
});
