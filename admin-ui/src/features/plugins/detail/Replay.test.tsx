import { describe, expect, it } from 'vitest';
import { canReplay } from './Replay';

describe('replaying a call', () => {
  it('is offered for calls with effects, as a dry run for hooks, and not for scheduled exports', () => {
    expect(['event', 'job', 'route', 'view', 'act'].map((from) => canReplay({ export: from }))).toEqual(
      Array(5).fill('both'),
    );
    expect(['prepare', 'before'].map((from) => canReplay({ export: from }))).toEqual(['dry', 'dry']);
    expect(['job-batch', 'policy', 'lifecycle', 'migrate', 'check'].map((from) => canReplay({ export: from }))).toEqual(
      Array(5).fill('no'),
    );
  });
});
