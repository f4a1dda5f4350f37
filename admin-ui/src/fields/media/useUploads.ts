import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Asset } from '@/api/assets';
import type { MediaType } from '@/api/model';
import { uploadFile } from '@/api/upload';
import { describeError } from '@/ui/explainError';
import { useMaybeForm } from '../form/context';
import { mediaTypeOf } from './files';

interface RunningUpload {
  key: number;
  name: string;
  share: number;
  error?: string;
  stop: AbortController;
  /** Goes on from what has arrived, after an error that another try may not have. */
  retry?: () => void;
}

/** Files that are uploaded at once. */
const MAX_FILES = 100;

let uploadCount = 0;

interface UploadOptions {
  allowed: readonly MediaType[] | undefined;
  multiple: boolean;
  isPrivate: boolean;
  folder?: number;
  onArrived: (asset: Asset) => void;
}

/** Uploads of files that are chosen, dropped or pasted, each with its progress. */
export function useUploads({ allowed, multiple, isPrivate, folder, onArrived }: UploadOptions) {
  const { t } = useTranslation('fields');
  const { t: tc } = useTranslation('common');
  const form = useMaybeForm();
  const [running, setRunning] = useState<RunningUpload[]>([]);
  const isAllowed = (file: File) => !allowed || allowed.length === 0 || allowed.includes(mediaTypeOf(file.type));
  const change = (key: number, part: Partial<RunningUpload> | null) =>
    setRunning((old) =>
      part ? old.map((run) => (run.key === key ? { ...run, ...part } : run)) : old.filter((run) => run.key !== key),
    );
  const send = (file: File, key: number, stop: AbortController, continues?: string) => {
    let address = continues;
    const onProgress = (share: number) => change(key, { share });
    const onBegun = (at: string) => {
      address = at;
    };
    const watch = { onProgress, onBegun, signal: stop.signal, isPrivate };
    const arrived = uploadFile(file, {
      ...watch,
      ...(folder ? { folder } : {}),
      ...(continues ? { continues } : {}),
    }).then(
      (asset) => {
        change(key, null);
        onArrived(asset);
        return true;
      },
      (cause: unknown) => {
        const retry = () => {
          change(key, { error: undefined, retry: undefined });
          send(file, key, stop, address);
        };
        if (stop.signal.aborted) change(key, null);
        else change(key, { error: describeError(cause, tc), retry });
        return stop.signal.aborted;
      },
    );
    form?.store.uploads.add(arrived);
  };
  const upload = (list: FileList | readonly File[]) => {
    for (const file of [...list].slice(0, multiple ? MAX_FILES : 1)) {
      uploadCount += 1;
      const [key, stop] = [uploadCount, new AbortController()];
      const run = { key, name: file.name, share: 0, stop };
      if (isAllowed(file)) {
        setRunning((old) => [...old, run]);
        send(file, key, stop);
      } else setRunning((old) => [...old, { ...run, error: t('media.notAllowed') }]);
    }
  };
  return {
    running,
    busy: running.some((run) => !run.error),
    upload,
    /** Stops an upload, or dismisses the error of one that failed. */
    stop: (run: RunningUpload) => (run.error ? change(run.key, null) : run.stop.abort()),
  };
}

export type Uploads = ReturnType<typeof useUploads>;
