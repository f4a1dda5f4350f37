import { moveReview, readReview, type Subject } from '@/api/editorial';
import type { ReviewObstacle } from './obstacles';

/** A document that may not go to a stage yet, and what stands in the way. */
export class StageRefusedError extends Error {
  override readonly name = 'StageRefused';

  constructor(
    readonly from: string | null,
    readonly to: string,
    /** Empty where the stage does not follow on the one it is in. */
    readonly why: readonly ReviewObstacle[],
  ) {
    super(why.map(({ code }) => code).join(' '));
  }
}

/**
 * Moves a document on in its review. The version that is moved is the one that is there now. What `saveBefore` saves is moved with
 * it: saved afterwards it could send the document back.
 */
export async function moveToStage(subject: Subject, to: string, saveBefore?: () => Promise<unknown>): Promise<void> {
  let review = await readAllowed(subject, to);
  if (review.stage === to) return;
  if (saveBefore) {
    await saveBefore();
    review = await readAllowed(subject, to);
  }
  await moveReview(subject, { to, version: review.version });
}

/** The review of a document that is at a stage, or may go there. */
async function readAllowed(subject: Subject, to: string): ReturnType<typeof readReview> {
  const review = await readReview(subject);
  const transition = review.next.find((one) => one.stage === to);
  if (review.stage !== to && !transition?.allowed) throw new StageRefusedError(review.stage, to, transition?.why ?? []);
  return review;
}
