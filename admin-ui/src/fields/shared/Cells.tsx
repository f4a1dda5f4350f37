import { useTranslation } from 'react-i18next';
import { HighlightedText } from '@/ui/HighlightedText';
import classes from './Cells.module.css';
import { isEmpty } from './checks';

/** Where there is no value. A reader of the screen hears a word, not a dash. */
export function NoValue() {
  const { t } = useTranslation('fields');
  return (
    <span className={classes.none}>
      <span aria-hidden>–</span>
      <span className="mantine-visually-hidden" style={hidden}>
        {t('cell.none')}
      </span>
    </span>
  );
}

/** Where there may be a value that the reader may not see. */
export function NoAccess() {
  const { t } = useTranslation('fields');
  return <span className={classes.none}>{t('cell.noAccess')}</span>;
}

const hidden = {
  position: 'absolute',
  width: 1,
  height: 1,
  overflow: 'hidden',
  clip: 'rect(0 0 0 0)',
  whiteSpace: 'nowrap',
} as const;

/** Letters that a cell holds of a long text. */
const MAX_CELL_CHARS = 200;

/** One line of text, cut where it does not fit. React makes text of it, whatever it holds. */
export function TextCell({ value }: { value: unknown }) {
  if (isEmpty(value)) return <NoValue />;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return (
    <span className={classes.line} title={text.slice(0, MAX_CELL_CHARS)}>
      <HighlightedText text={text} most={MAX_CELL_CHARS} />
    </span>
  );
}
