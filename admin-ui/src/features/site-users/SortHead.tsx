import { Group, Table, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { type SORTS, siteUsersAddress } from './addresses';

type Sort = (typeof SORTS)[number] | undefined;

interface Props {
  label: string;
  /** The order that each direction is in the address. */
  ascending: Sort;
  descending: Sort;
  /** The direction of the first press. */
  latestFirst?: boolean;
}

/** The head of a column that the list is ordered by when it is pressed. */
export function SortHead({ label, ascending, descending, latestFirst = false }: Props) {
  const { sort } = siteUsersAddress.useSearch();
  const setSearch = siteUsersAddress.useSetSearch();
  const sorted = sort === ascending ? 'ascending' : sort === descending ? 'descending' : undefined;
  const next =
    sorted === undefined ? (latestFirst ? descending : ascending) : sorted === 'ascending' ? descending : ascending;
  const Arrow = sorted === 'descending' ? IconArrowDown : IconArrowUp;
  return (
    <Table.Th aria-sort={sorted}>
      <UnstyledButton style={{ font: 'inherit' }} onClick={() => setSearch({ sort: next, page: undefined })}>
        <Group gap={4} wrap="nowrap" component="span">
          {label}
          {sorted && <Arrow size={14} aria-hidden />}
        </Group>
      </UnstyledButton>
    </Table.Th>
  );
}
