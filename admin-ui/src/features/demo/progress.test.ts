import { describe, expect, it } from 'vitest';
import { type CreatedRecord, NO_PROGRESS, type Progress, type Step, runSteps } from './progress';

const signal = new AbortController().signal;

function recordingSteps(): { steps: Step<Progress>[]; taken: string[]; fail: Set<string> } {
  const taken: string[] = [];
  const fail = new Set<string>();
  const step = (id: string): Step<Progress> => ({
    id,
    run: async (_, again): Promise<CreatedRecord> => {
      taken.push(again ? `${id} again` : id);
      if (fail.has(id)) throw new Error('refused');
      return { documentId: `made ${id}` };
    },
  });
  return { steps: [step('a'), step('b'), step('c')], taken, fail };
}

describe('the steps of the demo', () => {
  it('run in order, with the records created before', async () => {
    const { steps, taken } = recordingSteps();
    const done = await runSteps({
      steps,
      progress: NO_PROGRESS,
      keep: () => {},
      kitOf: (progress) => progress,
      signal,
    });
    expect(taken).toEqual(['a', 'b', 'c']);
    expect(done.made.b).toEqual({ documentId: 'made b' });
  });

  it('resume at the failed step, which may already have been done', async () => {
    const { steps, taken, fail } = recordingSteps();
    let kept = NO_PROGRESS;
    const keep = (progress: Progress): void => void (kept = progress);
    fail.add('b');
    await expect(
      runSteps({ steps, progress: NO_PROGRESS, keep, kitOf: (progress) => progress, signal }),
    ).rejects.toThrow('refused');
    expect(kept.begun).toBe('b');
    fail.clear();
    await runSteps({ steps, progress: kept, keep, kitOf: (progress) => progress, signal });
    expect(taken).toEqual(['a', 'b', 'b again', 'c']);
    expect(kept.begun).toBeNull();
  });

  it('stop between two steps on request', async () => {
    const { steps, taken } = recordingSteps();
    const stop = new AbortController();
    const keep = (progress: Progress): void => {
      if (progress.made.a) stop.abort();
    };
    await expect(
      runSteps({ steps, progress: NO_PROGRESS, keep, kitOf: (progress) => progress, signal: stop.signal }),
    ).rejects.toThrow();
    expect(taken).toEqual(['a']);
  });
});
