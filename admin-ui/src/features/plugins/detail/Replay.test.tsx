import { describe, expect, it } from 'vitest';
import { canReplay } from './Replay';

describe('making a call again', () => {
  it('is offered for what has an effect, as a trial for hooks, and not for what comes by itself', () => {
    expect(['event', 'job', 'route', 'view', 'act'].map((from) => canReplay({ export: from }))).toEqual(
      Array(5).fill('both'),
    );
    expect(['prepare', 'before'].map((from) => canReplay({ export: from }))).toEqual(['dry', 'dry']);
    expect(['policy', 'lifecycle', 'migrate', 'check'].map((from) => canReplay({ export: from }))).toEqual(
      Array(4).fill('no'),
    );
  });
});
