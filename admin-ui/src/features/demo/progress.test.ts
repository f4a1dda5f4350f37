import { describe, expect, it } from 'vitest';
import { type Made, NOTHING, type Progress, type Step, take } from './progress';

const signal = new AbortController().signal;

function recorded(): { steps: Step<Progress>[]; taken: string[]; fail: Set<string> } {
  const taken: string[] = [];
  const fail = new Set<string>();
  const step = (id: string): Step<Progress> => ({
    id,
    run: async (_, again): Promise<Made> => {
      taken.push(again ? `${id} again` : id);
      if (fail.has(id)) throw new Error('refused');
      return { documentId: `made ${id}` };
    },
  });
  return { steps: [step('a'), step('b'), step('c')], taken, fail };
}

describe('the steps of the demo', () => {
  it('are taken in order, with what was made before', async () => {
    const { steps, taken } = recorded();
    const done = await take({ steps, progress: NOTHING, keep: () => {}, kitOf: (progress) => progress, signal });
    expect(taken).toEqual(['a', 'b', 'c']);
    expect(done.made.b).toEqual({ documentId: 'made b' });
  });

  it('go on after a failure where it happened, knowing that the step may have been done', async () => {
    const { steps, taken, fail } = recorded();
    let kept = NOTHING;
    const keep = (progress: Progress): void => void (kept = progress);
    fail.add('b');
    await expect(take({ steps, progress: NOTHING, keep, kitOf: (progress) => progress, signal })).rejects.toThrow(
      'refused',
    );
    expect(kept.begun).toBe('b');
    fail.clear();
    await take({ steps, progress: kept, keep, kitOf: (progress) => progress, signal });
    expect(taken).toEqual(['a', 'b', 'b again', 'c']);
    expect(kept.begun).toBeNull();
  });

  it('stop between two when asked to', async () => {
    const { steps, taken } = recorded();
    const stop = new AbortController();
    const keep = (progress: Progress): void => {
      if (progress.made.a) stop.abort();
    };
    await expect(
      take({ steps, progress: NOTHING, keep, kitOf: (progress) => progress, signal: stop.signal }),
    ).rejects.toThrow();
    expect(taken).toEqual(['a']);
  });
});
