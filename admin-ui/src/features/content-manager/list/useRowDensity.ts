import { usePreference } from '@/api/preferences';
import { readDensity } from '@/app/appearance';

export const DENSITIES = ['comfortable', 'compact'] as const;
export type Density = (typeof DENSITIES)[number];

/** How close the rows of lists stand: as somebody chose in a list, else as everything else does. */
export function useRowDensity(): [Density, (density: Density) => void] {
  const [everywhere] = usePreference('appearance.density', readDensity);
  const [here, set] = usePreference<Density | null>(
    'list.density',
    (stored) => DENSITIES.find((one) => one === stored) ?? null,
  );
  return [here ?? everywhere, set];
}
