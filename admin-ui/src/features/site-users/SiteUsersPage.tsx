import { Button, Group, Pagination, Select, Stack, Table, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch, IconUserCircle, IconUserPlus } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ContentUser, type ContentUserPage, contentUserRolesQuery, contentUsersQuery } from '@/api/contentUsers';
import { QueryState, StackedCell, StackedTable, TextLink, useHasPermission } from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { PageTitle } from '@/ui/PageTitle';
import { RelativeTime } from '@/ui/RelativeTime';
import { SORTS, STATE_FILTERS, siteUserAddress, siteUsersAddress } from './addresses';
import { InviteDialog } from './InviteDialog';
import { SortHead } from './SortHead';
import { UserStateBadge } from './UserStateBadge';

const SEARCH_DELAY_MS = 250;

/** The users of the site: found by name, address, state and role. */
export default function SiteUsersPage() {
  const { t } = useTranslation('siteUsers');
  const { q, state, role, sort, page = 1, invite } = siteUsersAddress.useSearch();
  const setSearch = siteUsersAddress.useSetSearch();
  const mayManage = useHasPermission('content-users.manage');
  const users = useQuery({
    ...contentUsersQuery({
      q,
      role,
      sort,
      page,
      ...(state === 'blocked' ? { blocked: true } : {}),
      ...(state === 'unconfirmed' ? { confirmed: false, blocked: false } : {}),
    }),
    placeholderData: keepPreviousData,
  });
  const isFiltered = q !== undefined || state !== undefined || role !== undefined;
  const inviteButton = mayManage && (
    <Button
      leftSection={<IconUserPlus size={16} aria-hidden />}
      onClick={() => setSearch({ invite: true }, { replace: false })}
    >
      {t('invite')}
    </Button>
  );
  return (
    <Stack gap="md">
      <PageTitle title={t('title')} actions={inviteButton}>
        <Text size="sm" c="dimmed">
          {t('lead')}
        </Text>
      </PageTitle>
      <UserFilters />
      <QueryState query={users}>
        {(found) =>
          found.data.length === 0 && !isFiltered && page === 1 ? (
            <EmptyState icon={IconUserCircle} title={t('empty.title')} action={inviteButton}>
              {t('empty.hint')}
            </EmptyState>
          ) : (
            <UserList found={found} page={page} />
          )
        }
      </QueryState>
      {invite && mayManage && <InviteDialog onClose={() => setSearch({ invite: undefined })} />}
    </Stack>
  );
}

function UserFilters() {
  const { t } = useTranslation('siteUsers');
  const { q, state, role, sort } = siteUsersAddress.useSearch();
  const setSearch = siteUsersAddress.useSetSearch();
  const [typed, setTyped] = useState(q ?? '');
  const [seen, setSeen] = useState(q);
  // The address may change by itself: back, a link. Spaces at the ends of what is typed are not in it.
  if (seen !== q) {
    setSeen(q);
    if (typed.trim() !== (q ?? '')) setTyped(q ?? '');
  }
  const search = useDebouncedCallback(
    (text: string) => setSearch({ q: text.trim() || undefined, page: undefined }),
    SEARCH_DELAY_MS,
  );
  const roles = useQuery(contentUserRolesQuery).data?.data ?? [];
  return (
    <Group gap="sm" align="flex-end" role="search" aria-label={t('title')}>
      <TextInput
        type="search"
        label={t('search')}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          search(event.currentTarget.value);
        }}
        autoComplete="off"
        style={{ flex: '1 1 16rem' }}
      />
      <Select
        label={t('stateLabel')}
        data={STATE_FILTERS.map((value) => ({ value, label: t(`filter.${value}`) }))}
        placeholder={t('filter.all')}
        value={state ?? null}
        onChange={(value) => setSearch({ state: STATE_FILTERS.find((one) => one === value), page: undefined })}
        clearable
        clearButtonProps={{ 'aria-label': t('filter.clear') }}
      />
      <Select
        label={t('role')}
        data={roles.map((one) => ({ value: one.code, label: one.name }))}
        placeholder={t('filter.all')}
        value={role ?? null}
        onChange={(value) => setSearch({ role: value ?? undefined, page: undefined })}
        clearable
        clearButtonProps={{ 'aria-label': t('filter.clear') }}
      />
      {/* A phone shows no heads of columns. */}
      <Select
        hiddenFrom="sm"
        label={t('sort.label')}
        data={['', ...SORTS].map((value) => ({ value, label: t(`sort.${value.replace(':', '-') || 'username-asc'}`) }))}
        value={sort ?? ''}
        onChange={(value) => setSearch({ sort: SORTS.find((one) => one === value), page: undefined })}
        allowDeselect={false}
      />
    </Group>
  );
}

function UserList({ found, page }: { found: ContentUserPage; page: number }) {
  const { t } = useTranslation('siteUsers');
  const search = siteUsersAddress.useSearch();
  const setSearch = siteUsersAddress.useSetSearch();
  const pages = Math.max(1, Math.ceil(found.meta.total / found.meta.pageSize));
  return (
    <Stack gap="sm">
      <Text size="sm" role="status">
        {t('count', { count: found.meta.total })}
      </Text>
      {found.data.length > 0 && (
        <StackedTable label={t('title')} highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <SortHead label={t('name')} ascending={undefined} descending="username:desc" />
              <Table.Th>{t('stateLabel')}</Table.Th>
              <Table.Th>{t('role')}</Table.Th>
              <SortHead label={t('signedIn')} ascending="signedInAt:asc" descending="signedInAt:desc" latestFirst />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.data.map((user) => (
              <UserRow key={user.documentId} user={user} />
            ))}
          </Table.Tbody>
        </StackedTable>
      )}
      {page > pages && (
        <Text size="sm">
          {t('pages.empty')}{' '}
          <TextLink inText {...siteUsersAddress.to({}, { ...search, page: undefined })}>
            {t('pages.toFirst')}
          </TextLink>
        </Text>
      )}
      {pages > 1 && (
        <Pagination
          total={pages}
          value={page}
          onChange={(next) => setSearch({ page: next === 1 ? undefined : next }, { replace: false })}
          getControlProps={(control) => ({ 'aria-label': t(`pages.${control}`) })}
          aria-label={t('pages.label')}
        />
      )}
    </Stack>
  );
}

function UserRow({ user }: { user: ContentUser }) {
  const { t } = useTranslation('siteUsers');
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={400} style={{ overflowWrap: 'anywhere' }}>
        <TextLink strong {...siteUserAddress.to({ id: user.documentId })}>
          {user.username}
        </TextLink>
        {user.username !== user.email && (
          <Text size="xs" c="dimmed">
            {user.email}
          </Text>
        )}
      </Table.Th>
      <StackedCell label={t('stateLabel')}>
        <UserStateBadge state={user.state} />
      </StackedCell>
      <StackedCell label={t('role')}>{user.role?.name ?? t('noRole')}</StackedCell>
      <StackedCell label={t('signedIn')}>
        {user.signedInAt ? <RelativeTime at={user.signedInAt} /> : t('never')}
      </StackedCell>
    </Table.Tr>
  );
}
