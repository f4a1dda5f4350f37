import type { Entry } from '@/api/content';
import type { ContentType } from '@/api/model';
import type { EntryRow } from '../entries/useEntryRows';
import { LANGUAGES_FIELD, STATUS_FIELD } from '../fieldPath';
import { ReviewCell } from '../review/ReviewCell';
import { StateCell } from './EntryCell';
import { LanguagesCell } from './LanguagesCell';

interface Props {
  type: ContentType;
  field: string;
  row: EntryRow;
  href: (entry: Entry) => string;
  open: (entry: Entry) => void;
}

/** What is no field of an entry and shown like one: how it stands, its languages, its review. */
export function StateFieldCell({ type, field, row, href, open }: Props) {
  if (field === STATUS_FIELD) return <StateCell state={row.state} />;
  if (field === LANGUAGES_FIELD)
    return <LanguagesCell type={type} entry={row.entry} state={row.state} href={href} open={open} />;
  return <ReviewCell type={type} field={field} review={row.review} />;
}
