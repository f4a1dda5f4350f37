import { Button, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ComponentProps, ReactNode } from 'react';
import type { Target } from '@/app/address';
import { EmptyState } from '@/ui/EmptyState';
import type { Icon } from '@/ui/icon';
import { PageTitle } from '@/ui/PageTitle';
import { QueryState } from './QueryState';

interface ListPageProps<Data> {
  texts: { title: string; lead: string; add: string; none: string; noneHint: string };
  /** Stands above the words where there is none. */
  icon: Icon;
  query: ComponentProps<typeof QueryState<Data>>['query'];
  isEmpty: (data: Data) => boolean;
  /** Where one is made; nothing for who may make none. */
  add: Target | undefined;
  /** A line between the head and the list. */
  note?: ReactNode;
  children: (data: Data) => ReactNode;
}

/** A page of what a project has several of: its head, and the list or what it would be. One is added from the head, or in the list's place. */
export function ListPage<Data>({ texts, icon, query, isEmpty, add, note, children }: ListPageProps<Data>) {
  const button = add && (
    <Button leftSection={<IconPlus size={16} aria-hidden />} renderRoot={(props) => <Link {...add} {...props} />}>
      {texts.add}
    </Button>
  );
  return (
    <Stack gap="md">
      <PageTitle title={texts.title} actions={query.data !== undefined && !isEmpty(query.data) ? button : undefined}>
        <Text size="sm" c="dimmed">
          {texts.lead}
        </Text>
      </PageTitle>
      {note}
      <QueryState query={query}>
        {(data) =>
          isEmpty(data) ? (
            <EmptyState icon={icon} title={texts.none} action={button}>
              {texts.noneHint}
            </EmptyState>
          ) : (
            children(data)
          )
        }
      </QueryState>
    </Stack>
  );
}
