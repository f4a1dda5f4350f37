import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useCallback, useContext, useMemo } from 'react';
import { ApiError } from '@/api/client';
import { modelQuery } from '@/api/contentTypes';
import type { Model } from '@/api/model';
import {
  type Changes,
  type Definitions,
  type FileProblem,
  planChange,
  schemasQuery,
  uidOfFile,
} from '@/api/schemaChanges';
import { useSession } from '@/api/session';
import { type DraftState, type DraftStore, getDraftStore, useDraft } from './draftStore';
import { countChanges, mergeDefinitions } from './model/draft';

/** What the pages of the builder work on. */
export interface Builder {
  model: Model;
  /** As the files have it. */
  base: Definitions;
  /** With the changes. */
  all: Definitions;
  draft: DraftState;
  store: DraftStore;
  /** How many definitions differ. */
  count: number;
  /** Changes the working copy. */
  change: (change: (changes: Changes) => Changes) => void;
  /** Nothing can be changed here. */
  locked: boolean;
  /** The model has changed since the working copy was begun. */
  outdated: boolean;
  /** What the server finds wrong with the changes so far. */
  problems: readonly FileProblem[];
}

const Context = createContext<Builder | null>(null);

/** What the page works on; only inside `BuilderScope`. */
export function useBuilder(): Builder {
  const builder = useContext(Context);
  if (!builder) throw new Error('there is no builder here');
  return builder;
}

/** What is still missing, or went wrong, before the pages can be drawn. */
export interface BuilderLoading {
  error: unknown;
  retry: () => void;
}

/** Reads what the builder works on. Nothing that it answers is changed by it. */
export function useBuilderData(): Builder | BuilderLoading {
  const { tenant } = useSession();
  const queries = useQueryClient();
  const model = useQuery(modelQuery);
  const base = useQuery(schemasQuery(model.data));
  const store = getDraftStore(tenant.name);
  const draft = useDraft(store);
  const hash = model.data?.hash ?? '';
  const change = useCallback((make: (changes: Changes) => Changes) => store.change(make, hash), [store, hash]);
  const all = useMemo(
    () => (base.data ? mergeDefinitions(base.data, draft.present) : undefined),
    [base.data, draft.present],
  );
  const problems = useProblems(draft.present, hash);
  const retry = useCallback(() => void queries.invalidateQueries({ queryKey: modelQuery.queryKey }), [queries]);
  const { data } = model;
  const baseData = base.data;
  return useMemo(() => {
    if (!data || !baseData || !all) return { error: model.error ?? base.error, retry };
    const count = countChanges(draft.present);
    return {
      model: data,
      base: baseData,
      all,
      draft,
      store,
      count,
      change,
      locked: data.locked === true,
      outdated: count > 0 && draft.hash !== null && draft.hash !== data.hash,
      problems,
    };
  }, [data, baseData, all, draft, store, change, problems, model.error, base.error, retry]);
}

/** What the server says of the files as they would be: asked a moment after each change. */
function useProblems(changes: Changes, hash: string): readonly FileProblem[] {
  const [settled] = useDebouncedValue(changes, 400);
  const { data } = useQuery({
    queryKey: ['content-types', 'problems', hash, settled],
    enabled: hash !== '' && countChanges(settled) > 0,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      try {
        await planChange(settled, {}, false, signal);
        return [];
      } catch (error) {
        const errorProblems = fileProblems(error);
        if (errorProblems.length > 0) return errorProblems;
        throw error;
      }
    },
  });
  return useMemo(() => (countChanges(changes) > 0 ? (data ?? []) : []), [changes, data]);
}

/** What an answer of the server says is wrong in files. */
export function fileProblems(error: unknown): FileProblem[] {
  if (!(error instanceof ApiError)) return [];
  const { problems } = error.details;
  return Array.isArray(problems) ? (problems as FileProblem[]) : [];
}

/** Problems with an attribute of a definition, or (without a name) with the definition itself. */
export function filterProblems(problems: readonly FileProblem[], uid: string, attribute?: string): FileProblem[] {
  return problems.filter((problem) => {
    if (uidOfFile(problem.file) !== uid) return false;
    const [first, name] = problem.path.split('.');
    return attribute === undefined
      ? first !== 'attributes' || name === undefined
      : first === 'attributes' && name === attribute;
  });
}

/** Hands the builder down. */
export function BuilderProvider({ builder, children }: { builder: Builder; children: ReactNode }) {
  return <Context.Provider value={builder}>{children}</Context.Provider>;
}
