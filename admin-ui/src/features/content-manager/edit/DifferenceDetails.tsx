import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Difference } from '@/api/editorial';
import { type Attribute, type Attributes, componentOf, type Model } from '@/api/model';
import { attributesBehind, labelOf } from '@/fields/label';
import classes from './Edit.module.css';
import { toPlainText } from './toPlainText';

/** One difference: texts and links by what came and went, lists by their items, the rest by what it was and is. */
export default function DifferenceDetails({
  model,
  attribute,
  difference,
}: {
  model: Model;
  attribute: Attribute | undefined;
  difference: Difference;
}) {
  const { t } = useTranslation(['editor', 'fields']);
  const nameOf = (link: Link): string => link.title ?? link.documentId ?? t('fields:cell.noAccess');
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
        {difference.removed?.map((link, at) => (
          <del key={linkKey(link, at)} className={classes.deleted} style={{ display: 'block' }}>
            {nameOf(link)}
          </del>
        ))}
        {difference.added?.map((link, at) => (
          <ins key={linkKey(link, at)} className={classes.inserted} style={{ display: 'block' }}>
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
/** Those that the reader may not see are told apart by their places alone. */
const linkKey = (link: Link, at: number): string => `${link.__type ?? ''} ${link.documentId ?? at}`;

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
