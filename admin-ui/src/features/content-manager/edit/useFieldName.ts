import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { modelQuery } from '@/api/contentTypes';
import { contentTypeOf } from '@/api/model';
import { pathLabelOf } from '@/fields/label';

const NO_MODEL = { contentTypes: [], components: [], hash: '', locked: false };

/** Paths of a type's fields as people read them: `sections.2.link` is `Sections › 3 › Link`. */
export function useFieldName(): (uid: string, path: string) => string {
  const { data: model = NO_MODEL } = useQuery(modelQuery);
  return useCallback(
    (uid, path) => pathLabelOf(model, contentTypeOf(model, uid)?.attributes ?? {}, path.split('.')),
    [model],
  );
}
