import { useQuery } from '@tanstack/react-query';
import { modelQuery } from '@/api/contentTypes';
import type { ContentType } from '@/api/model';

/** The content types by their names, and what a uid is called. */
export function useContentTypes(): { types: ContentType[]; nameOf: (uid: string) => string } {
  const types = (useQuery(modelQuery).data?.contentTypes ?? []).toSorted((a, b) =>
    a.info.displayName.localeCompare(b.info.displayName),
  );
  return { types, nameOf: (uid) => types.find((type) => type.uid === uid)?.info.displayName ?? uid };
}
