import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';
import { themeColours, type Scheme } from './themeColours';
import classes from './Preview.module.css';

interface Props {
  scheme: Scheme;
  accent: string | null;
  logo: string | null;
  name: string;
}

/** A small picture of the admin in a colour, whatever the reader's own colours are. Nothing in it can be used. */
export function Preview({ scheme, accent, logo, name }: Props) {
  const { t } = useTranslation('project');
  const colours = Object.fromEntries(
    Object.entries(themeColours(accent, scheme)).map(([key, value]) => [`--look-${key}`, value]),
  );
  return (
    <figure
      className={classes.preview}
      style={colours as CSSProperties}
      role="img"
      aria-label={t(`appearance.preview.${scheme}`)}
    >
      <div className={classes.bar}>{logo ? <img src={logo} alt="" className={classes.logo} /> : name}</div>
      <div className={classes.body}>
        <span className={classes.entry}>{t('appearance.preview.entry')}</span>
        <span>
          {t('appearance.preview.text')} <span className={classes.link}>{t('appearance.preview.link')}</span>
        </span>
        <span className={classes.button}>{t('appearance.preview.button')}</span>
        <span className={classes.dimmed}>{t(`appearance.preview.${scheme}`)}</span>
      </div>
    </figure>
  );
}
