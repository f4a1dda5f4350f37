import type { QueryClient } from '@tanstack/react-query';
import { modelQuery } from '@/api/contentTypes';
import { storeProgress, type Progress, readProgress, runSteps } from './progress';
import { type Kit, type Scope, stepsOf } from './steps';

/** What the page shows of it. */
export interface RunnerState {
  phase: 'idle' | 'running' | 'stopped' | 'failed' | 'done';
  done: number;
  total: number;
  /** The step that is taken, or that failed. */
  step: string | null;
  error: unknown;
}

const IDLE: RunnerState = { phase: 'idle', done: 0, total: 0, step: null, error: null };

let state = IDLE;
let stop: AbortController | undefined;
const listeners = new Set<() => void>();

function setState(next: RunnerState): void {
  state = next;
  for (const listener of listeners) listener();
}

/** It goes on while somebody looks at other pages; whoever comes back sees how far it is. */
export const runner = {
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  state: (): RunnerState => state,

  stop(): void {
    stop?.abort();
  },

  /** Makes what is not made yet. */
  async start(tenant: string, scope: Scope, queries: QueryClient): Promise<void> {
    if (state.phase === 'running') return;
    stop = new AbortController();
    const { signal } = stop;
    const steps = stepsOf(scope);
    const counted = (progress: Progress): Pick<RunnerState, 'done' | 'total'> => ({
      done: steps.filter(({ id }) => progress.made[id]).length,
      total: steps.length,
    });
    const progress = readProgress(tenant);
    setState({ ...counted(progress), phase: 'running', step: null, error: null });
    try {
      await runSteps<Kit>({
        steps,
        progress,
        signal,
        keep: (now) => {
          storeProgress(tenant, now);
          setState({ ...state, ...counted(now), step: now.begun ?? state.step });
        },
        kitOf: async (now) => {
          // Once the types are made the model is another; before that it may be as old as it likes.
          const fresh =
            now.begun !== null &&
            now.made.types !== undefined &&
            !queries
              .getQueryData(modelQuery.queryKey)
              ?.contentTypes.some((type) => type.uid === 'api::article.article');
          return {
            queries,
            signal,
            made: now.made,
            model: await queries.fetchQuery({ ...modelQuery, ...(fresh ? { staleTime: 0 } : {}) }),
          };
        },
      });
      setState({ ...state, phase: 'done', step: null });
    } catch (error) {
      setState(signal.aborted ? { ...state, phase: 'stopped' } : { ...state, phase: 'failed', error });
    } finally {
      await queries.invalidateQueries();
    }
  },
};
