import { useTranslation } from 'react-i18next';
import classes from './SkipLink.module.css';

/** Past the navigation, for who goes by keyboard. The first thing on the page, seen when it is focused. */
export function SkipLink() {
  const { t } = useTranslation('frame');
  return (
    <a
      href="#main"
      className={classes.link}
      onClick={(event) => {
        // The address keeps its meaning: no fragment is added.
        event.preventDefault();
        document.getElementById('main')?.focus();
      }}
    >
      {t('skip')}
    </a>
  );
}
