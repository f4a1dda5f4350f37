import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type SavedView, type ViewDraft, changeView, createView, deleteView, savedViewsQuery } from '@/api/views';
import type { ContentType } from '@/api/model';
import { useWorkflow } from '@/views/review/useWorkflow';
import { type ListSearch, viewAddress } from '../addresses';
import { definitionOf, searchOf } from './savedView';
import { useModel } from './useModel';
import type { ListState } from './useListState';

/** Everything of an address, to be put aside when a view is opened. */
const EMPTY_SEARCH: ListSearch = {
  view: undefined,
  q: undefined,
  sort: undefined,
  filters: undefined,
  locale: undefined,
  status: undefined,
  columns: undefined,
  group: undefined,
  standing: undefined,
  stage: undefined,
  assignee: undefined,
  due: undefined,
  date: undefined,
  end: undefined,
  scale: undefined,
  cover: undefined,
  parent: undefined,
  saved: undefined,
};

/** A form and a dashboard have pages of their own. */
function hasOwnPage({ definition }: SavedView): boolean {
  return definition.kind === 'form' || definition.kind === 'dashboard';
}

/** The saved views of a type, the one that is open, and what can be done with them. */
export function useSavedViews(type: ContentType, state: ListState) {
  const { model } = useModel();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const staged = useWorkflow(type) !== undefined;
  const { data: views, error } = useQuery(savedViewsQuery(type.uid));
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: ['views'] });
  const definition = definitionOf(type, state, staged);
  const draft = (view: Pick<ViewDraft, 'name' | 'shared'>): ViewDraft => ({
    type: type.uid,
    name: view.name,
    shared: view.shared,
    definition: { ...definition },
  });
  const update = useMutation({ mutationFn: (view: SavedView) => changeView(view.id, draft(view)), onSuccess: changed });
  const remove = useMutation({ mutationFn: (view: SavedView) => deleteView(view.id), onSuccess: changed });
  const current = views?.find(({ id }) => id === state.search.saved);
  const searchFor = (view: SavedView) => model && searchOf(view.definition, model, view.id);
  const open = (view: SavedView): void => {
    if (hasOwnPage(view)) {
      void navigate(viewAddress.to({ id: String(view.id) }));
      return;
    }
    const search = searchFor(view);
    if (search) state.set({ ...EMPTY_SEARCH, ...search });
  };
  return {
    views,
    current,
    /** The list shows something else than the view that is open. */
    isModified:
      current !== undefined &&
      model !== undefined &&
      JSON.stringify(searchFor(current)) !== JSON.stringify(searchOf(definition, model, current.id)),
    canOpen: (view: SavedView): boolean => model !== undefined && (hasOwnPage(view) || searchFor(view) !== undefined),
    open,
    showAll: () => state.set(EMPTY_SEARCH),
    update: () => current && update.mutate(current),
    remove: () => current && remove.mutate(current, { onSuccess: () => state.set({ saved: undefined }) }),
    save: async (view: Pick<ViewDraft, 'name' | 'shared'>): Promise<void> => {
      const created = await createView(draft(view));
      await changed();
      state.set({ saved: created.id });
    },
    isSaving: update.isPending,
    failed: error ?? update.error ?? remove.error,
  };
}

export type SavedViewsState = ReturnType<typeof useSavedViews>;
