/** Runs a task when its turn has come; one whose signal is aborted while it waits is not run at all. */
export type TaskLimiter = <Result>(task: () => Promise<Result>, signal?: AbortSignal) => Promise<Result>;

/** At most so many tasks at once; the others wait, and the one that came last goes first: it is what somebody looks at now. */
export function limitConcurrency(most: number): TaskLimiter {
  let running = 0;
  const waiting: (() => void)[] = [];
  // Whoever leaves hands their place to who waits: counted down and up again, a third could slip in between.
  const leave = (): void => {
    const next = waiting.pop();
    if (next) next();
    else running -= 1;
  };
  return async (task, signal) => {
    if (running < most) running += 1;
    else {
      await new Promise<void>((enter, refuse) => {
        waiting.push(enter);
        signal?.addEventListener('abort', () => {
          const at = waiting.indexOf(enter);
          if (at < 0) return;
          waiting.splice(at, 1);
          refuse(signal.reason);
        });
      });
    }
    try {
      signal?.throwIfAborted();
      return await task();
    } finally {
      leave();
    }
  };
}

/** How often a server that is busy is asked again. */
const MAX_BUSY_RETRIES = 6;

const BUSY_STATUSES = [429, 503];

interface RetryableError {
  status?: number;
  retryAfter?: number | undefined;
}

/** Whether a request is sent again: to a server that is busy more often than to one that fails; what is refused stays so. */
export function shouldRetry(failures: number, error: RetryableError): boolean {
  if (error.status !== undefined && BUSY_STATUSES.includes(error.status)) return failures < MAX_BUSY_RETRIES;
  return (error.status === undefined || error.status >= 500) && failures < 2;
}

/** Milliseconds until then: as the server asks, else twice as long each time. */
export function retryDelay(failures: number, error: RetryableError): number {
  return error.retryAfter ? Math.min(error.retryAfter, 30) * 1000 : Math.min(1000 * 2 ** failures, 15_000);
}

/** Does something again where the server was busy, which means that it did nothing; what fails otherwise fails. */
export async function retryWhileBusy<Result>(task: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await task();
    } catch (cause) {
      const refusal = cause as RetryableError;
      if (
        refusal.status === undefined ||
        !BUSY_STATUSES.includes(refusal.status) ||
        signal.aborted ||
        !shouldRetry(failures, refusal)
      )
        throw cause;
      await new Promise((done) => setTimeout(done, retryDelay(failures, refusal)));
    }
  }
}
