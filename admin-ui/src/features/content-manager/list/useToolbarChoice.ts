import { useMediaQuery } from '@mantine/hooks';

/** Whether the toolbar is that of a phone, and how its choices are named: there each has a line of its own, with room for its label. */
export function useToolbarChoice() {
  const phone = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
  const named = (label: string, w: number) => (phone ? { label } : { 'aria-label': label, w });
  return { phone, named };
}
