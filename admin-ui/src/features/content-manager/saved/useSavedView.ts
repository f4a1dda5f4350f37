import { useQuery } from '@tanstack/react-query';
import type { Model } from '@/api/model';
import { type SavedView, savedViewsQuery } from '@/api/views';
import { useModel } from '../list/useModel';

/** A saved view with the model it is read against. */
export interface SavedViewState {
  view: SavedView | undefined;
  model: Model | undefined;
  error: unknown;
  isPending: boolean;
  retry: () => void;
}

/** The saved view of that number, where somebody may see it. */
export function useSavedView(id: string): SavedViewState {
  const { model, error, isPending, refetch } = useModel();
  const views = useQuery(savedViewsQuery());
  return {
    view: views.data?.find((view) => String(view.id) === id),
    model,
    error: error ?? views.error,
    isPending: isPending || views.isPending,
    retry: () => {
      refetch();
      void views.refetch();
    },
  };
}
