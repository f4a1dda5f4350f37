import { Anchor, Badge, Button, Group, Loader, Text } from '@mantine/core';
import { useIntersection } from '@mantine/hooks';
import { IconExternalLink, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { modelQuery } from '@/api/contentTypes';
import type { CheckedItem, ReleasePreview as Check } from '@/api/releases';
import { entryTarget, PublicationChanges, useFieldName } from '@/features/content-manager';
import { languageName } from '@/ui/format';
import classes from '../Releases.module.css';
import type { ItemEntry, ItemRef } from '../useItemEntries';
import { countFindings, type MissingEntry, missingByItem } from './brokenLinks';

interface Props {
  check: Check;
  entryOf: (item: ItemRef) => ItemEntry;
  /** Puts a linked entry into the release as well; absent for whoever may not. */
  add?: ((missing: MissingEntry) => void) | undefined;
  /** Why an item cannot be published or unpublished. */
  renderProblems: (item: CheckedItem) => ReactNode;
  /** Opens the page of an entry on the site; absent for whoever may not see it so. */
  openPage?: ((item: ItemRef) => void) | undefined;
}

/** What a release will change, entry by entry: fields before and after, links that would lead nowhere, and what cannot be published. */
export default function ReleasePreview({ check, entryOf, add, renderProblems, openPage }: Props) {
  const { t } = useTranslation('releasing');
  const missing = missingByItem(check.suggestions);
  const { invalid, broken } = countFindings(check);
  const findings = [
    t('preview.entries', { count: check.items.length }),
    ...(invalid > 0 ? [t('preview.invalid', { count: invalid })] : []),
    ...(broken > 0 ? [t('preview.broken', { count: broken })] : []),
  ];
  return (
    <section aria-label={t('preview.title')}>
      <Text size="sm" mb="sm" role="status">
        {findings.join(' · ')}
      </Text>
      <ul className={classes.changes} data-items>
        {check.items.map((item) => {
          const entry = entryOf(item);
          return (
            <ItemPreview
              key={item.id}
              item={item}
              entry={entry}
              missing={missing.get(item.id) ?? []}
              entryOf={entryOf}
              add={add}
              problems={item.problems.length > 0 && renderProblems(item)}
              view={openPage && entry.type?.previewable ? () => openPage(item) : undefined}
            />
          );
        })}
      </ul>
    </section>
  );
}

interface ItemProps {
  item: CheckedItem;
  entry: ItemEntry;
  missing: readonly MissingEntry[];
  entryOf: (item: ItemRef) => ItemEntry;
  add: Props['add'];
  problems: ReactNode;
  /** Opens the page of the site that shows it. */
  view: (() => void) | undefined;
}

/** What happens to one entry. Its changes are read once it is looked at: a release may have hundreds. */
function ItemPreview({ item, entry, missing, entryOf, add, problems, view }: ItemProps) {
  const { t } = useTranslation('releasing');
  const fieldName = useFieldName();
  const { data: model } = useQuery(modelQuery);
  const [seen, setSeen] = useState(false);
  const { ref, entry: position } = useIntersection({ rootMargin: '200px' });
  // Once it has been looked at, it stays.
  if (position?.isIntersecting && !seen) setSeen(true);
  const effect = effectOf(item, entry);
  const target = entryTarget(item.contentType, item.documentId, item.locale);
  return (
    <li ref={ref} className={classes.card}>
      <div className={classes.head}>
        <div>
          <Anchor fw={500} renderRoot={(props) => <Link {...target} {...props} />}>
            {entry.title}
          </Anchor>
          <Text size="xs" c="dimmed">
            {[entry.type?.info.displayName, item.locale && languageName(item.locale)].filter(Boolean).join(' · ')}
          </Text>
        </div>
        <Badge variant="light" color={EFFECT_COLOURS[effect]} size="sm">
          {t(`preview.${effect}`)}
        </Badge>
      </div>
      {problems}
      {missing.map((each) => (
        <Group key={`${each.contentType} ${each.documentId} ${each.locale}`} gap="xs" mt={4}>
          <Text size="sm" c={each.state === 'unpublished' ? 'red' : undefined}>
            <Anchor
              size="sm"
              underline="always"
              renderRoot={(props) => (
                <Link {...target} search={{ ...target.search, field: each.linkedBy.attribute }} {...props} />
              )}
            >
              {fieldName(item.contentType, each.linkedBy.attribute)}
            </Anchor>
            {': '}
            {t(each.state === 'unpublished' ? 'preview.linkBroken' : 'preview.linkOutdated', {
              title: entryOf(each).title,
            })}
          </Text>
          {add && (
            <Button
              size="compact-xs"
              variant="default"
              leftSection={<IconPlus size={12} aria-hidden />}
              aria-label={t('preview.addLinked', { title: entryOf(each).title })}
              onClick={() => add(each)}
            >
              {t('preview.add')}
            </Button>
          )}
        </Group>
      ))}
      <div className={classes.details}>
        {item.unchanged || !model ? null : seen ? (
          <PublicationChanges
            model={model}
            subject={{ uid: item.contentType, documentId: item.documentId, locale: item.locale ?? undefined }}
            action={item.action === 'unpublish' ? 'unpublish' : 'publish'}
            status={entry.status}
            fallback={<Loader size="xs" />}
          />
        ) : (
          <Loader size="xs" />
        )}
      </div>
      {view && (
        <Button
          size="compact-sm"
          variant="subtle"
          mt="xs"
          leftSection={<IconExternalLink size={14} aria-hidden />}
          aria-label={t('preview.siteOf', { title: entry.title })}
          onClick={view}
        >
          {t('preview.page')}
        </Button>
      )}
    </li>
  );
}

const EFFECT_COLOURS = { refused: 'red', same: 'gray', offline: 'yellow', first: 'teal', changed: 'blue' } as const;

/** What becomes of an entry, in a word. */
function effectOf(item: CheckedItem, entry: ItemEntry): keyof typeof EFFECT_COLOURS {
  if (item.problems.length > 0) return 'refused';
  if (item.unchanged) return 'same';
  if (item.action === 'unpublish') return 'offline';
  return entry.status === 'draft' ? 'first' : 'changed';
}
