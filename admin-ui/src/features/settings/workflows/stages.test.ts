import { describe, expect, it } from 'vitest';
import { without, withStageName } from './stages';

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
  it('are renamed wherever they are named', () => {
    const renamed = withStageName(workflow, 1, 'law');
    expect(renamed.stages).toEqual([
      { name: 'draft', next: ['law'] },
      { name: 'law', backTo: 'draft' },
    ]);
    expect(renamed.approvals?.[0]?.before).toBe('law');
    expect(renamed.publishIn).toEqual(['law']);
  });

  it('are taken away wherever they are named', () => {
    const left = without(workflow, 1);
    expect(left.stages).toEqual([{ name: 'draft' }]);
    expect(left.approvals?.[0]?.before).toBeUndefined();
    expect(left.publishIn).toBeUndefined();
  });

  it('do not rename others while a new one has no name yet', () => {
    const added = { ...workflow, stages: [...workflow.stages, { name: '' }] };
    expect(withStageName(added, 2, 'x').stages[0]?.next).toEqual(['legal']);
  });
});
