import { usePreference } from '@/api/preferences';
import { readDensity } from '@/app/appearance';

export const DENSITIES = ['comfortable', 'compact'] as const;
export type RowDensity = (typeof DENSITIES)[number];

/** How close the rows of lists stand: as somebody chose in a list, else as everything else does. */
export function useRowDensity(): [RowDensity, (density: RowDensity) => void] {
  const [everywhere] = usePreference('appearance.density', readDensity);
  const [listDensity, set] = usePreference<RowDensity | null>(
    'list.density',
    (stored) => DENSITIES.find((one) => one === stored) ?? null,
  );
  return [listDensity ?? everywhere, set];
}
