import { useTranslation } from 'react-i18next';
import { Marked } from '@/ui/Marked';
import classes from './Cells.module.css';
import { isEmpty } from './checks';

/** Where there is no value. A reader of the screen hears a word, not a dash. */
export function None() {
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

const hidden = {
  position: 'absolute',
  width: 1,
  height: 1,
  overflow: 'hidden',
  clip: 'rect(0 0 0 0)',
  whiteSpace: 'nowrap',
} as const;

/** Letters that a cell holds of a long text. */
const LONGEST = 200;

/** One line of text, cut where it does not fit. React makes text of it, whatever it holds. */
export function TextCell({ value }: { value: unknown }) {
  if (isEmpty(value)) return <None />;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return (
    <span className={classes.line} title={text.slice(0, LONGEST)}>
      <Marked text={text} most={LONGEST} />
    </span>
  );
}
