import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { viewSearchOf } from '../addresses';
import type { ViewChoices } from './context';
import { mergeParameters } from './parameters';

/** What is chosen in the view of a page: in its address, so that it can be sent to somebody. */
export function useAddressChoices(): ViewChoices {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  return useMemo((): ViewChoices => {
    const { tab, filters, parameters } = viewSearchOf(search);
    return {
      tab,
      filters,
      parameters,
      set: (change) => {
        void navigate({
          to: '.',
          search: () => ({
            ...('tab' in change ? { tab: change.tab } : { tab }),
            ...('filters' in change ? { filters: change.filters } : { filters }),
            ...mergeParameters(parameters, change.parameters),
          }),
          replace: true,
          resetScroll: false,
        });
      },
    };
  }, [search, navigate]);
}

/** The same of a view beside something else: as long as it is looked at. */
export function useLocalChoices(): ViewChoices {
  const [localChoices, setLocalChoices] = useState<Omit<ViewChoices, 'set'>>({
    tab: undefined,
    filters: undefined,
    parameters: {},
  });
  return useMemo(
    () => ({
      ...localChoices,
      set: (change) =>
        setLocalChoices((old) => ({
          ...old,
          ...change,
          parameters: mergeParameters(old.parameters, change.parameters),
        })),
    }),
    [localChoices],
  );
}
