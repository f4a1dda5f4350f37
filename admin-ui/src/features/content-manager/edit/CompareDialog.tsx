import { Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { compareVersions, type Difference, type HistoryEntry, restoreVersion } from '@/api/editorial';
import { type Attribute, type Attributes, componentOf, type Model, targetTypeOf } from '@/api/model';
import { attributesBehind, labelOf } from '@/fields/label';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDateTime } from '@/ui/format';
import { announce } from '@/ui/live';
import classes from './Edit.module.css';
import { toPlainText } from './toPlainText';
import type { EntrySession } from './session';

interface CompareDialogProps {
  from: HistoryEntry;
  to: HistoryEntry;
  session: EntrySession;
  title?: string;
  onClose: () => void;
}

/** What differs between two versions, and the older one to be brought back, whole or some of its fields. All of it is shown as text. */
export default function CompareDialog({ from, to, session, title, onClose }: CompareDialogProps) {
  const { t } = useTranslation('editor');
  const queries = useQueryClient();
  const compared = useQuery({
    queryKey: ['entry-compare', from.id, to.id],
    queryFn: ({ signal }) => compareVersions(from.id, to.id, signal),
  });
  const [selected, setSelected] = useState<string[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const mayWrite = session.type.can.update;
  const restore = async (fields?: string[]) => {
    setBusy(true);
    setError(null);
    try {
      if (session.unsaved && !(await session.flush('asked'))) {
        onClose();
        return;
      }
      await restoreVersion(from.id, session.seen, fields ? { fields } : {});
      await session.reload();
      void queries.invalidateQueries({ queryKey: ['entry-history'] });
      announce(t('history.restored'));
      onClose();
    } catch (cause) {
      setError(cause);
      setBusy(false);
    }
  };
  const differences = compared.data?.differences ?? [];
  return (
    <Modal
      opened
      onClose={onClose}
      size="80rem"
      title={title ?? t('history.compare')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Stack>
        <div className={classes.sides}>
          <Text size="sm">
            {t('history.version', { at: formatDateTime(from.at), who: from.actor.name ?? from.actor.kind })}
          </Text>
          <Text size="sm">
            {t('history.version', { at: formatDateTime(to.at), who: to.actor.name ?? to.actor.kind })}
          </Text>
        </div>
        {compared.isError && <ErrorMessage error={compared.error} retry={() => void compared.refetch()} />}
        {compared.isSuccess && differences.length === 0 && <Text className={classes.dim}>{t('history.same')}</Text>}
        <ul className={classes.list}>
          {differences.map((difference) => {
            const attribute = session.type.attributes[difference.attribute];
            return (
              <li key={difference.attribute} className={classes.card}>
                {mayWrite ? (
                  <Checkbox
                    label={labelOf(difference.attribute, attribute)}
                    checked={selected.includes(difference.attribute)}
                    onChange={(event) =>
                      setSelected(
                        event.currentTarget.checked
                          ? [...selected, difference.attribute]
                          : selected.filter((name) => name !== difference.attribute),
                      )
                    }
                  />
                ) : (
                  <strong>{labelOf(difference.attribute, attribute)}</strong>
                )}
                <DifferenceDetails model={session.model} attribute={attribute} difference={difference} />
              </li>
            );
          })}
        </ul>
        {error !== null && <ErrorMessage error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('close')}
          </Button>
          {mayWrite && (
            <>
              <Button
                variant="light"
                disabled={selected.length === 0}
                loading={busy}
                onClick={() => void restore(selected)}
              >
                {t('history.restoreSome', { count: selected.length })}
              </Button>
              {/* Not the main button: whoever looks at a comparison has not come to undo what it shows. */}
              <Button variant="default" loading={busy} onClick={() => void restore()}>
                {t('history.restoreAll')}
              </Button>
            </>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

/** One difference: texts and links by what came and went, lists by their items, the rest by what it was and is. */
function DifferenceDetails({
  model,
  attribute,
  difference,
}: {
  model: Model;
  attribute: Attribute | undefined;
  difference: Difference;
}) {
  const { t } = useTranslation(['editor', 'fields']);
  const nameOf = (link: Link): string =>
    link.title ?? (targetTypeOf(model, link.__type ?? attribute?.target) ? link.documentId : t('fields:cell.noAccess'));
  const plainText = (value: unknown): string => toPlainText(value, { model, attribute });
  if (difference.text && !attribute?.valueLabels) {
    return (
      <div className={classes.value}>
        {difference.text.map((part, at) =>
          part.op === 'equal' ? (
            // The parts of a text have no other name than their places.
            // oxlint-disable-next-line react/no-array-index-key
            <span key={at}>{part.text}</span>
          ) : part.op === 'insert' ? (
            // oxlint-disable-next-line react/no-array-index-key
            <ins key={at} className={classes.inserted}>
              {part.text}
            </ins>
          ) : (
            // oxlint-disable-next-line react/no-array-index-key
            <del key={at} className={classes.deleted}>
              {part.text}
            </del>
          ),
        )}
      </div>
    );
  }
  if (difference.added || difference.removed) {
    return (
      <div className={classes.value}>
        {difference.removed?.map((link) => (
          <del key={linkKey(link)} className={classes.deleted} style={{ display: 'block' }}>
            {nameOf(link)}
          </del>
        ))}
        {difference.added?.map((link) => (
          <ins key={linkKey(link)} className={classes.inserted} style={{ display: 'block' }}>
            {nameOf(link)}
          </ins>
        ))}
        {difference.reordered && <Text size="sm">{t('editor:history.reordered')}</Text>}
      </div>
    );
  }
  const inner = difference.fields ?? [];
  if (inner.length > 0)
    return <NestedDifferences model={model} attributes={attributesBehind(model, attribute)} differences={inner} />;
  if (difference.items) {
    return (
      <ul className={classes.list}>
        {difference.items.map((item) => (
          <li key={`${item.change} ${item.from ?? ''} ${item.to ?? ''}`}>
            <Text size="sm">
              {t(`editor:history.item.${item.change}`, {
                from: (item.from ?? 0) + 1,
                to: (item.to ?? 0) + 1,
                component: componentOf(model, item.component ?? undefined)?.displayName ?? item.component ?? '',
                defaultValue: item.change,
              })}
            </Text>
            {item.fields && (
              <NestedDifferences
                model={model}
                attributes={
                  componentOf(model, item.component ?? undefined)?.attributes ?? attributesBehind(model, attribute)
                }
                differences={item.fields}
              />
            )}
            {item.before !== undefined && (
              <div className={`${classes.value} ${classes.deleted}`}>{plainText(item.before)}</div>
            )}
            {item.after !== undefined && (
              <div className={`${classes.value} ${classes.inserted}`}>{plainText(item.after)}</div>
            )}
          </li>
        ))}
      </ul>
    );
  }
  return (
    <div className={classes.sides}>
      <div className={classes.value}>{plainText(difference.before)}</div>
      <div className={classes.value}>{plainText(difference.after)}</div>
    </div>
  );
}

type Link = NonNullable<Difference['added']>[number];
const linkKey = (link: Link): string => `${link.__type ?? ''} ${link.documentId}`;

function NestedDifferences({
  model,
  attributes,
  differences,
}: {
  model: Model;
  attributes: Attributes;
  differences: readonly Difference[];
}) {
  return (
    <ul className={classes.list} style={{ marginInlineStart: 12 }}>
      {differences.map((difference) => (
        <li key={difference.attribute}>
          <Text size="xs">{labelOf(difference.attribute, attributes[difference.attribute])}</Text>
          <DifferenceDetails model={model} attribute={attributes[difference.attribute]} difference={difference} />
        </li>
      ))}
    </ul>
  );
}
