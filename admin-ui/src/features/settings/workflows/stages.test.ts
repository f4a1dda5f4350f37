import { describe, expect, it } from 'vitest';
import { firstPublishingStage, leaveOutDefaults, removeStage, withStageName } from './stages';

const workflow = {
  name: 'w',
  contentTypes: [],
  stages: [
    { name: 'draft', next: ['legal'] },
    { name: 'legal', backTo: 'draft' },
  ],
  approvals: [{ role: 'legal', before: 'legal' }],
  publishIn: ['legal'],
};

describe('stages of a workflow', () => {
  it('are renamed in all references', () => {
    const renamed = withStageName(workflow, 1, 'law');
    expect(renamed.stages).toEqual([
      { name: 'draft', next: ['law'] },
      { name: 'law', backTo: 'draft' },
    ]);
    expect(renamed.approvals?.[0]?.before).toBe('law');
    expect(renamed.publishIn).toEqual(['law']);
  });

  it('are removed from all references', () => {
    const left = removeStage(workflow, 1);
    expect(left.stages).toEqual([{ name: 'draft' }]);
    expect(left.approvals?.[0]?.before).toBeUndefined();
    expect(left.publishIn).toBeUndefined();
  });

  it('have a first one for publishing, which approvals are needed before', () => {
    expect(firstPublishingStage(workflow)).toBe('legal');
    expect(firstPublishingStage({ ...workflow, publishIn: undefined })).toBeUndefined();
    expect(firstPublishingStage({ ...workflow, publishIn: ['draft'] })).toBeUndefined();
  });

  it('do not say which come next where that goes without saying', () => {
    const stages = [
      { name: 'a', next: ['b'] },
      { name: 'b', next: ['c', 'a'] },
      { name: 'c', next: ['a'] },
    ];
    expect(leaveOutDefaults({ name: 'w', contentTypes: [], stages }).stages.map(({ next }) => next)).toEqual([
      undefined,
      undefined,
      ['a'],
    ]);
  });

  it('are not renamed while a new stage has no name', () => {
    const added = { ...workflow, stages: [...workflow.stages, { name: '' }] };
    expect(withStageName(added, 2, 'x').stages[0]?.next).toEqual(['legal']);
  });
});
