import { expect, it } from 'vitest';
import { openApprovals } from './openApprovals';

type Review = Parameters<typeof openApprovals>[0];

const review: Review = {
  mayApprove: ['editor', 'legal'],
  needed: [
    { role: 'editor', needed: 2, have: 1, by: [] },
    { role: 'legal', needed: 1, have: 0, by: [] },
  ],
  approvals: [],
  version: 3,
  publishedVersion: null,
};
const approval = (by: number, state: 'counts' | 'fallen') =>
  ({ id: by, role: 'editor', by: { id: String(by) }, state }) as unknown as Review['approvals'][number];

it('offers an approval only as long as it is of use', () => {
  expect(openApprovals(review, 1)).toEqual(['editor', 'legal']);
  expect(openApprovals({ ...review, approvals: [approval(2, 'counts'), approval(1, 'fallen')] }, 1)).toEqual([
    'editor',
    'legal',
  ]);
  expect(openApprovals({ ...review, approvals: [approval(1, 'counts')] }, 1)).toEqual(['legal']);
  const full = review.needed.map((each) => ({ ...each, have: each.needed }));
  expect(openApprovals({ ...review, needed: full }, 1)).toEqual([]);
  expect(openApprovals({ ...review, publishedVersion: 2 }, 1)).toEqual(['editor', 'legal']);
  expect(openApprovals({ ...review, publishedVersion: 3 }, 1)).toEqual([]);
});
