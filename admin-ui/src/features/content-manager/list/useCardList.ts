import { useMediaQuery } from '@mantine/hooks';

/** Whether a list shows cards in place of a table: on a phone, where a table has room for a column and a half. */
export function useCardList(): boolean {
  return useMediaQuery('(max-width: 40em)', false, { getInitialValueInEffect: false });
}
