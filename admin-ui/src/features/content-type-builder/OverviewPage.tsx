import { Anchor, Badge, Button, Group, Menu, Stack, Text, Title } from '@mantine/core';
import { IconChevronDown, IconFile, IconFiles, IconPlus, IconSchema } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { createElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schema } from '@/api/schemaChanges';
import { EmptyState } from '@/ui/EmptyState';
import { iconNamed } from '@/ui/namedIcon';
import { PageTitle } from '@/ui/PageTitle';
import classes from './Builder.module.css';
import { BuilderScope } from './BuilderScope';
import { useBuilder } from './builder';
import { CreateDialog } from './CreateDialog';
import { setDefinition, sectionOf } from './model/draft';
import { builderAddress, type CreatableKind, definitionAddress, diagramAddress } from './addresses';

/** All content types and components, with what is changed about them. */
export default function OverviewPage() {
  return (
    <BuilderScope>
      <Overview />
    </BuilderScope>
  );
}

const SORTS: readonly CreatableKind[] = ['collectionType', 'singleType', 'component'];

function Overview() {
  const { t } = useTranslation(['builder', 'modelling']);
  const { base, all, locked } = useBuilder();
  const { create } = builderAddress.useSearch();
  const setSearch = builderAddress.useSetSearch();
  const names = (sort: CreatableKind): string[] => {
    const section = sort === 'component' ? 'components' : 'contentTypes';
    const uids = [...new Set([...Object.keys(base[section]), ...Object.keys(all[section])])];
    const kind = (uid: string): string => (all[section][uid] ?? base[section][uid])?.kind ?? 'collectionType';
    return uids.filter((uid) => sort === 'component' || kind(uid) === sort).toSorted((a, b) => a.localeCompare(b));
  };
  const none = SORTS.every((sort) => names(sort).length === 0);
  return (
    <>
      <PageTitle
        title={t('modelling:title')}
        actions={
          <Group gap="xs">
            <Button
              variant="default"
              leftSection={<IconSchema size={16} aria-hidden />}
              renderRoot={(props) => <Link {...diagramAddress.to({})} {...props} />}
            >
              {t('diagram.title')}
            </Button>
            {!locked && (
              <Menu position="bottom-end">
                <Menu.Target>
                  <Button
                    leftSection={<IconPlus size={16} aria-hidden />}
                    rightSection={<IconChevronDown size={14} aria-hidden />}
                  >
                    {t('new')}
                  </Button>
                </Menu.Target>
                <Menu.Dropdown>
                  {SORTS.map((sort) => (
                    <Menu.Item key={sort} onClick={() => setSearch({ create: sort })}>
                      {t(`sort.${sort}.one`)}
                    </Menu.Item>
                  ))}
                </Menu.Dropdown>
              </Menu>
            )}
          </Group>
        }
      >
        <Text size="sm" c="dimmed">
          {t('lead')}
        </Text>
      </PageTitle>
      {none && (
        <EmptyState
          icon={IconSchema}
          title={t('empty.title')}
          action={
            !locked && <Button onClick={() => setSearch({ create: 'collectionType' })}>{t('modelling:newType')}</Button>
          }
        >
          {t('empty.explanation')}
        </EmptyState>
      )}
      <Stack gap="lg">
        {SORTS.map((sort) => (
          <SortSection key={sort} sort={sort} uids={names(sort)} />
        ))}
      </Stack>
      {create && !locked && <CreateDialog sort={create} onClose={() => setSearch({ create: undefined })} />}
    </>
  );
}

function SortSection({ sort, uids }: { sort: CreatableKind; uids: string[] }) {
  const { t } = useTranslation('builder');
  if (uids.length === 0) return null;
  return (
    <section aria-labelledby={`sort-${sort}`}>
      <Title order={2} mb="xs" id={`sort-${sort}`}>
        {t(`sort.${sort}.many`)}{' '}
        <Text span c="dimmed" size="sm">
          {uids.length}
        </Text>
      </Title>
      <ul className={classes.list}>
        {uids.map((uid) => (
          <DefinitionRow key={uid} uid={uid} />
        ))}
      </ul>
    </section>
  );
}

function DefinitionRow({ uid }: { uid: string }) {
  const { t } = useTranslation('builder');
  const { base, all, draft, change } = useBuilder();
  const section = sectionOf(uid);
  const [now, before] = [all[section][uid], base[section][uid]];
  const schema = (now ?? before) as Schema;
  const state = !now ? 'gone' : !before ? 'new' : uid in draft.present[section] ? 'changed' : undefined;
  const fields = Object.keys(schema.attributes).length;
  const plain = schema.kind === 'singleType' ? IconFile : IconFiles;
  const Icon = section === 'contentTypes' ? iconNamed(schema.pluginOptions?.cairn?.icon, plain) : undefined;
  return (
    <li className={`${classes.row} ${classes.definition}`} data-gone={state === 'gone' || undefined}>
      <div className={classes.main}>
        {Icon && createElement(Icon, { size: 18, stroke: 1.6, 'aria-hidden': true, className: classes.typeIcon })}
        {now ? (
          <Anchor
            renderRoot={(props) => <Link {...definitionAddress.to({ uid })} {...props} />}
            className={classes.name}
          >
            {schema.info.displayName ?? uid}
          </Anchor>
        ) : (
          <span className={classes.name}>{schema.info.displayName ?? uid}</span>
        )}
        <div className={classes.mono}>{uid}</div>
      </div>
      <Group gap={6} justify="flex-end">
        {schema.options?.draftAndPublish && <Badge variant="default">{t('draftAndPublish')}</Badge>}
        {schema.pluginOptions?.i18n?.localized && <Badge variant="default">{t('localized')}</Badge>}
        <Text size="sm" c="dimmed">
          {t('fields', { count: fields })}
        </Text>
        {state && <StateBadge state={state} />}
        {state === 'gone' && before && (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => change((changes) => setDefinition(base, changes, uid, before))}
          >
            {t('bringBack')}
          </Button>
        )}
      </Group>
    </li>
  );
}

/** That something is new, changed, or about to go. */
export function StateBadge({ state }: { state: 'new' | 'changed' | 'gone' | 'renamed' }) {
  const { t } = useTranslation('builder');
  return (
    <Badge variant="outline" color={{ new: 'green', changed: 'blue', renamed: 'blue', gone: 'red' }[state]}>
      {t(`state.${state}`)}
    </Badge>
  );
}
