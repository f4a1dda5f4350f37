import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { ApiError } from '@/api/client';
import { backupsQuery, type BackupRun } from '@/api/backups';

type StartRequest = () => Promise<BackupRun>;

/** Starts what goes on from then on: the page follows it, and does not wait for the answer after it. */
export function useStart(onStarted?: () => void): UseMutationResult<BackupRun, Error, StartRequest> {
  const queries = useQueryClient();
  const { queryKey } = backupsQuery;
  return useMutation({
    mutationFn: (send: StartRequest) => send(),
    onSuccess: (run) => {
      queries.setQueryData(queryKey, (old) => old && { ...old, run });
      onStarted?.();
    },
    // Also after a refusal: what is in the way is shown then.
    onSettled: () => void queries.invalidateQueries({ queryKey }),
  });
}

/** Whether somebody else was first. */
export function isAlreadyRunning(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409;
}
