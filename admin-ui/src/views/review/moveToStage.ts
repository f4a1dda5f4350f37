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

/** Moves a document on in its review. The version that is moved is the one that is there now. */
export async function moveToStage(subject: Subject, to: string): Promise<void> {
  const { stage, next, version } = await readReview(subject);
  if (stage === to) return;
  const transition = next.find((one) => one.stage === to);
  if (!transition?.allowed) throw new StageRefusedError(stage, to, transition?.why ?? []);
  await moveReview(subject, { to, version });
}
