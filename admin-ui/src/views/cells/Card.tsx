import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Entry } from '@/api/content';
import type { ContentType, Model } from '@/api/model';
import { isEmpty } from '@/fields/shared/checks';
import { pictureOf } from '@/fields/media/files';
import type { MediaItem } from '@/fields/form/values';
import { HighlightedText } from '@/ui/HighlightedText';
import { resolveField, STATUS_FIELD, titleFields, valueAt } from '../fieldPath';
import { resolveFormat } from '../table/columns';
import type { CardBadge, FormattedField } from '../definition';
import type { EntryRow } from '../entries/useEntryRows';
import classes from './Card.module.css';
import { FormattedValue } from './FormattedValue';
import { navigateOnClick } from './navigateOnClick';
import { StateFieldCell } from './StateFieldCell';

interface Props {
  model: Model;
  type: ContentType;
  row: EntryRow;
  title?: string | undefined;
  cover?: string | undefined;
  badges?: readonly CardBadge[] | undefined;
  href: (entry: Entry) => string;
  open: (entry: Entry) => void;
  /** At the right of the title. */
  menu?: ReactNode;
}

/** Whether a value names nothing: blanks are no name either. */
export function isBlank(value: unknown): boolean {
  return isEmpty(value) || (typeof value === 'string' && value.trim() === '');
}

/** What an entry is called. */
export function titleOf(type: ContentType, entry: Entry, field?: string): string {
  const fields = field === undefined ? titleFields(type) : [field];
  const value = fields.map((each) => valueAt(entry, each)).find((each) => !isBlank(each));
  return value === undefined ? entry.documentId : String(value);
}

function badgeField(badge: CardBadge): FormattedField {
  return typeof badge === 'string' ? { field: badge } : badge;
}

/** The fields a card needs. */
export function cardFields(
  type: ContentType,
  { title, cover, badges }: { title?: string; cover?: string; badges?: readonly CardBadge[] },
): string[] {
  const shown = (badges ?? [])
    .map(badgeField)
    .flatMap(({ field, stoppedBy, currencyField }) => [field, stoppedBy, currencyField])
    .filter((field) => field !== undefined);
  const titles = title === undefined ? titleFields(type) : [title];
  return [...(titles.length > 0 ? titles : ['documentId']), ...(cover ? [cover] : []), ...shown];
}

/** An entry as a card: picture, title, and what else is asked for. */
export function Card({ model, type, row, title, cover, badges, href, open, menu }: Props) {
  const { i18n } = useTranslation();
  const { entry } = row;
  const media = cover ? valueAt(entry, cover) : undefined;
  const file = (Array.isArray(media) ? media[0] : media) as MediaItem | null | undefined;
  const picture = file ? pictureOf(file) : undefined;
  return (
    <>
      {cover && (
        <div className={classes.cover}>
          {picture && <img src={picture} alt={file?.alternativeText ?? ''} loading="lazy" />}
        </div>
      )}
      <div className={classes.line}>
        <a className={classes.title} href={href(entry)} onClick={navigateOnClick(() => open(entry))} draggable={false}>
          <HighlightedText text={titleOf(type, entry, title)} />
        </a>
        {menu && <span className={classes.menu}>{menu}</span>}
      </div>
      <div className={classes.badges}>
        {(badges ?? (type.draftAndPublish ? [STATUS_FIELD] : [])).map(badgeField).map((badge) => {
          const { field } = badge;
          const at = resolveField(model, type, field);
          // Nothing is said of what is not there: a card has no headings that would say of what.
          if (at && isEmpty(valueAt(entry, field))) return null;
          return (
            <Text key={field} span size="xs" c="dimmed">
              {at ? (
                <FormattedValue
                  entry={entry}
                  field={field}
                  at={at}
                  format={resolveFormat(badge, i18n.resolvedLanguage ?? 'en')}
                />
              ) : (
                <StateFieldCell type={type} field={field} row={row} href={href} open={open} />
              )}
            </Text>
          );
        })}
      </div>
    </>
  );
}
