import { Anchor, Badge, CloseButton, Stack, Table, Text, VisuallyHidden } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { CheckedItem, ReleaseItem } from '@/api/releases';
import { entryTarget } from '@/features/content-manager';
import { languageName } from '@/ui/format';
import { releaseAddress } from './addresses';
import { RefusalReasons } from './RefusalReasons';
import classes from './Releases.module.css';
import type { ItemEntry, ItemRef } from './useItemEntries';

interface Props {
  items: readonly (ReleaseItem | CheckedItem)[];
  entryOf: (item: ItemRef) => ItemEntry;
  /** Whether the release can still be changed. */
  open: boolean;
  /** Takes an item out; absent for whoever may not. */
  remove?: ((item: number) => void) | undefined;
  removing: boolean;
}

/** What is in a release, with what its check says or what became of it: a table, and cards on a phone. */
export function ReleaseItems({ items, entryOf, open, remove, removing }: Props) {
  const { t } = useTranslation(['releases', 'releasing', 'common']);
  const phone = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
  const removeButton = (item: ReleaseItem) =>
    remove && (
      <CloseButton
        size={28}
        aria-label={t('releases:removeItem', { title: entryOf(item).title })}
        disabled={removing}
        onClick={() => remove(item.id)}
      />
    );
  if (phone)
    return (
      <ul className={classes.cards} aria-label={t('releasing:entries')}>
        {items.map((item) => (
          <li key={item.id} className={classes.card}>
            <div className={classes.head}>
              <EntryLink item={item} title={entryOf(item).title} />
              {removeButton(item)}
            </div>
            <Text size="xs" c="dimmed">
              {[t(`releases:actions.${item.action}`), item.locale && languageName(item.locale)]
                .filter(Boolean)
                .join(' · ')}
            </Text>
            <ItemState item={item} />
          </li>
        ))}
      </ul>
    );
  return (
    <Table.ScrollContainer minWidth={560}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('releases:entry')}</Table.Th>
            <Table.Th>{t('releases:action')}</Table.Th>
            <Table.Th>{open ? t('releases:check') : t('releases:outcome')}</Table.Th>
            {remove && (
              <Table.Th>
                <VisuallyHidden>{t('common:remove')}</VisuallyHidden>
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((item) => (
            <Table.Tr key={item.id}>
              <Table.Td>
                <EntryLink item={item} title={entryOf(item).title} />
                {item.locale && (
                  <Text size="xs" c="dimmed">
                    {item.locale}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>{t(`releases:actions.${item.action}`)}</Table.Td>
              <Table.Td>
                <ItemState item={item} />
              </Table.Td>
              {remove && <Table.Td>{removeButton(item)}</Table.Td>}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function EntryLink({ item, title }: { item: ItemRef; title: string }) {
  return (
    <Anchor
      renderRoot={(props) => <Link {...entryTarget(item.contentType, item.documentId, item.locale)} {...props} />}
    >
      {title}
    </Anchor>
  );
}

function ItemState({ item }: { item: ReleaseItem | CheckedItem }) {
  return 'problems' in item ? <ItemCheck item={item} /> : <ItemOutcome item={item} />;
}

/** What an item's check says: that it is right, or each thing that is not. */
function ItemCheck({ item }: { item: CheckedItem }) {
  const { t } = useTranslation('releases');
  return (
    <Stack gap={2}>
      {item.problems.length > 0 && <RefusalReasons item={item} refusals={item.problems} />}
      {item.problems.length === 0 && <Text size="sm">{t(item.unchanged ? 'unchanged' : 'ready')}</Text>}
      {item.alsoIn.map((other) => (
        <Badge
          key={other.id}
          variant="default"
          size="sm"
          renderRoot={(props) => <Link {...releaseAddress.to({ id: String(other.id) })} {...props} />}
        >
          {t('alsoIn', { name: other.name })}
        </Badge>
      ))}
    </Stack>
  );
}

function ItemOutcome({ item }: { item: ReleaseItem }) {
  const { t } = useTranslation('releases');
  if (item.problem) return <RefusalReasons item={item} refusals={[item.problem]} />;
  return <Text size="sm">{item.outcome ? t(`outcomes.${item.outcome}`, { defaultValue: item.outcome }) : '–'}</Text>;
}
