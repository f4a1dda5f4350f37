import { useQuery } from '@tanstack/react-query';
import { modelQuery } from '@/api/contentTypes';
import { contentTypeOf, type ContentType, type Model } from '@/api/model';

/** The model, and the type of a page, where it is there and may be seen. */
export function useModel(uid?: string): {
  model: Model | undefined;
  type: ContentType | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => void;
} {
  const { data, error, isPending, refetch } = useQuery(modelQuery);
  return { model: data, type: data && contentTypeOf(data, uid), error, isPending, refetch: () => void refetch() };
}
