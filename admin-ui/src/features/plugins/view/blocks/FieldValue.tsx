import { Anchor, Button, Group, List } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Entry } from '@/api/content';
import { contentTypeOf } from '@/api/model';
import { entryTarget } from '@/features/content-manager';
import { TextLink } from '@/features/settings';
import { textOfBlocks } from '@/fields/form/summary';
import { isRecord } from '@/fields/form/values';
import { relationItemOf } from '@/fields/form/wire';
import { FormattedValue } from '@/views/cells/FormattedValue';
import { valueAt } from '@/views/fieldPath';
import { useView } from '../context';
import type { ResolvedItem } from './DocumentFields';
import classes from './Fields.module.css';

/** Targets of a relation that are listed at first. */
const FIRST_TARGETS = 5;

/** Kinds whose whole text is shown. */
const TEXT_TYPES = ['string', 'text', 'richtext', 'uid'];

/** The value of a field with room for all of it: texts whole, relations as links. */
export function FieldValue({ entry, item }: { entry: Entry; item: ResolvedItem }) {
  const { field, at, format } = item;
  const { attribute, many } = at;
  const value = valueAt(entry, field);
  if (attribute.type === 'relation') return <Targets value={value} target={attribute.target} />;
  if (!format && typeof value === 'string') {
    if (attribute.type === 'email') {
      return (
        <Anchor inherit href={`mailto:${encodeURIComponent(value).replaceAll('%40', '@')}`}>
          {value}
        </Anchor>
      );
    }
    if (TEXT_TYPES.includes(attribute.type)) return <LongText text={value} />;
  }
  if (attribute.type === 'blocks' && !many) return <LongText text={textOfBlocks(value)} />;
  return <FormattedValue entry={entry} field={field} at={at} format={format} />;
}

function LongText({ text }: { text: string }) {
  if (/^https:\/\/\S+$/.test(text)) {
    return (
      <Anchor inherit href={text} target="_blank" rel="noopener noreferrer">
        {text}
      </Anchor>
    );
  }
  return <span className={classes.text}>{text}</span>;
}

/** Where a relation leads to, by title. */
function Targets({ value, target }: { value: unknown; target: string | undefined }) {
  const { t } = useTranslation('pluginView');
  const { model } = useView();
  const [all, setAll] = useState(false);
  const targets = (Array.isArray(value) ? value : [value]).filter(isRecord).map((found) => {
    const uid = typeof found.__type === 'string' ? found.__type : target;
    return { uid, ...relationItemOf(model, uid, found) };
  });
  const links = (all ? targets : targets.slice(0, FIRST_TARGETS)).map(({ uid, documentId, title, locale }) => ({
    documentId,
    link:
      uid && contentTypeOf(model, uid) ? <TextLink {...entryTarget(uid, documentId, locale)}>{title}</TextLink> : title,
  }));
  const [only] = links;
  if (links.length === 1 && only) return only.link;
  return (
    <Group gap={4} align="baseline">
      <List size="sm" listStyleType="none" className={classes.targets}>
        {links.map(({ documentId, link }) => (
          <List.Item key={documentId}>{link}</List.Item>
        ))}
      </List>
      {links.length < targets.length && (
        <Button size="compact-xs" variant="subtle" onClick={() => setAll(true)}>
          {t('fields.more', { count: targets.length - links.length })}
        </Button>
      )}
    </Group>
  );
}
