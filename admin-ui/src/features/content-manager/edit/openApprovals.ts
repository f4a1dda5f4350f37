import type { Review } from '@/api/editorial';

/** The roles in which somebody's approval is still of use: not once they gave it, all of them are there, or this version is published. */
export function openApprovals(
  review: Pick<Review, 'mayApprove' | 'needed' | 'approvals' | 'version' | 'publishedVersion'>,
  me: number,
): string[] {
  if (review.publishedVersion !== null && review.publishedVersion === review.version) return [];
  return review.mayApprove.filter((role) => {
    const needed = review.needed.find((each) => each.role === role);
    const given = review.approvals.some(
      (each) => each.state === 'counts' && each.role === role && String(each.by.id) === String(me),
    );
    return !given && (needed === undefined || needed.have < needed.needed);
  });
}
