import { Anchor, Card, SimpleGrid, Skeleton, Text, TextInput, Title } from '@mantine/core';
import { IconFiles, IconSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { createElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ContentType, pluralNameOf } from '@/api/model';
import { DelayedContent } from '@/ui/DelayedContent';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { PageTitle } from '@/ui/PageTitle';
import { listAddress } from '../addresses';
import { iconOfType } from '../typeIcon';
import { useModel } from './useModel';

/** All content types, to choose from. */
export default function ContentIndexPage() {
  const { t } = useTranslation(['list', 'common']);
  const { model, error, refetch } = useModel();
  const [search, setSearch] = useState('');
  const wanted = (type: ContentType): boolean =>
    `${pluralNameOf(type)} ${type.uid}`.toLowerCase().includes(search.trim().toLowerCase());
  const types = model?.contentTypes.filter(wanted) ?? [];
  const groups = [
    { title: t('list:index.collections'), types: types.filter(({ kind }) => kind === 'collectionType') },
    { title: t('list:index.singles'), types: types.filter(({ kind }) => kind === 'singleType') },
  ].filter((group) => group.types.length > 0);
  return (
    <>
      <PageTitle title={t('list:content')} />
      {error !== null && error !== undefined && <ErrorMessage error={error} retry={refetch} />}
      {!model && !error && (
        <DelayedContent>
          <Skeleton h={160} aria-label={t('common:loading')} />
        </DelayedContent>
      )}
      {model && model.contentTypes.length > 8 && (
        <TextInput
          mb="md"
          maw={360}
          type="search"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          aria-label={t('list:index.search')}
          placeholder={t('list:index.search')}
          leftSection={<IconSearch size={16} aria-hidden />}
        />
      )}
      {model?.contentTypes.length === 0 && (
        <EmptyState icon={IconFiles} title={t('list:index.empty')}>
          {t('list:index.emptyHint')}
        </EmptyState>
      )}
      {model && model.contentTypes.length > 0 && types.length === 0 && (
        <EmptyState title={t('list:index.none', { words: search })} />
      )}
      {groups.map(({ title, types: ofKind }) => (
        <section key={title}>
          <Title order={2} mt="md" mb="xs">
            {title}
          </Title>
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 3, xl: 4 }} spacing="sm">
            {ofKind.map((type) => (
              <Card key={type.uid} withBorder padding="sm">
                <Anchor
                  fw={600}
                  renderRoot={(props) => <Link {...listAddress.to({ uid: type.uid })} {...props} />}
                  style={{ display: 'inline-flex', gap: 8, alignItems: 'center', minHeight: 24 }}
                >
                  {createElement(iconOfType(type), { size: 18, 'aria-hidden': true })}
                  {pluralNameOf(type)}
                </Anchor>
                {type.info.description && (
                  <Text size="sm" c="dimmed" lineClamp={2}>
                    {type.info.description}
                  </Text>
                )}
              </Card>
            ))}
          </SimpleGrid>
        </section>
      ))}
    </>
  );
}
