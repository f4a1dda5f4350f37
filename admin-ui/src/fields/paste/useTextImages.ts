import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { type Asset, changeAsset } from '@/api/assets';
import { contentTypeOf } from '@/api/model';
import { uploadFile } from '@/api/upload';
import { describeError } from '@/ui/explainError';
import { showToast } from '@/ui/toast';
import { useMaybeForm } from '../form/context';
import type { PastedImage } from './document';
import { ImageQueue, type QueueWork, type TextImage } from './imageQueue';

interface TextImageHandlers extends Pick<QueueWork, 'arrive' | 'forget'> {
  /** Writes an alternative text into the text; an empty one says that the picture only decorates. */
  describe: (key: number, alt: string) => void;
}

/** Pictures that are pasted or dropped into a text: uploaded to the library, put into the text when they are there, and described. */
export function useTextImages(handlers: TextImageHandlers) {
  const { t } = useTranslation('fields');
  const { t: tc } = useTranslation('common');
  const form = useMaybeForm();
  const store = form?.store;
  const isPrivate = form !== null && contentTypeOf(form.model, form.uid)?.privateFiles === true;
  const [queue] = useState(() => new ImageQueue());
  const images = useSyncExternalStore(queue.subscribe, queue.list);
  const latest = useRef({ handlers, isPrivate, t, tc });
  useEffect(() => {
    latest.current = { handlers, isPrivate, t, tc };
  });

  const [work] = useState(
    (): QueueWork => ({
      upload: async (file, alt, watch) => {
        const asset: Asset = await uploadFile(file, { ...watch, isPrivate: latest.current.isPrivate }).catch(
          (cause: unknown) => {
            throw new Error(describeError(cause, latest.current.tc), { cause });
          },
        );
        // The alternative text of the program that it comes from is a start; people are asked anyway.
        return alt ? { ...asset, ...(await changeAsset(asset.documentId, { alternativeText: alt })) } : asset;
      },
      arrive: (key, asset, alt) => latest.current.handlers.arrive(key, asset, alt),
      forget: (key) => latest.current.handlers.forget(key),
      text: (problem) => latest.current.t(`paste.${problem}`),
    }),
  );

  /** Begins to upload pictures; returns their keys, so that their places can be noted before any arrives. */
  const add = useCallback(
    (pasted: readonly PastedImage[]): number[] => {
      const { keys, arrivals } = queue.add(pasted);
      for (const arrival of arrivals) store?.uploads.add(arrival);
      queueMicrotask(() => queue.begin(work));
      return keys;
    },
    [queue, store, work],
  );

  /** Stops the upload of a picture, and gives up its place. */
  const stop = useCallback(
    (key: number) => {
      queue.stop(key);
      latest.current.handlers.forget(key);
    },
    [queue],
  );

  /** Stores the alternative text of a picture: in the text, and in the library, where others use it. */
  const describe = useCallback(
    async ({ key, asset }: TextImage, alt: string) => {
      latest.current.handlers.describe(key, alt);
      queue.dismiss(key);
      if (!asset || alt === '') return;
      try {
        await changeAsset(asset.documentId, { alternativeText: alt });
      } catch (cause) {
        const detail = cause instanceof Error ? cause.message : String(cause);
        showToast({ message: latest.current.t('paste.notDescribed', { detail }), failed: true });
      }
    },
    [queue],
  );

  useEffect(() => {
    queue.open();
    const text = latest;
    return () => {
      if (queue.close() > 0) showToast({ message: text.current.t('paste.closed'), failed: true });
    };
  }, [queue]);

  return useMemo(
    () => ({
      images,
      add,
      stop,
      describe,
      ask: (file: Parameters<ImageQueue['ask']>[0]) => queue.ask(file),
      dismiss: (key: number) => queue.dismiss(key),
    }),
    [images, add, stop, describe, queue],
  );
}

export type TextImages = ReturnType<typeof useTextImages>;
