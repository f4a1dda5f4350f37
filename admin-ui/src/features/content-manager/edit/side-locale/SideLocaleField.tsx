import { Button } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useContext } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attribute } from '@/api/model';
import { useForm, useValue } from '@/fields/form/context';
import { sameValue } from '@/fields/form/values';
import { isEmpty } from '@/fields/shared/checks';
import { labelOf } from '@/fields/label';
import { formatDateTime, languageName } from '@/ui/format';
import { announce } from '@/ui/live';
import { copyValue } from '../fill';
import { toReadableText } from './toReadableText';
import { SideLocaleContext, isLocalised } from './useSideLocale';
import classes from './SideLocale.module.css';

/** What the locale beside this one has in a field, whether that is newer, and a button that takes it over. */
export function SideLocaleField({ path, name, attribute }: { path: string; name: string; attribute: Attribute }) {
  const { t } = useTranslation('editor');
  const { store, access, model } = useForm();
  const beside = useContext(SideLocaleContext);
  const own = useValue(path);
  if (!beside || !isLocalised(attribute)) return null;
  const value = beside.values[name];
  const language = languageName(beside.locale);
  // What was changed here and not saved yet was written after everything that is saved.
  const newer = own === store.saved[name] ? beside.newer.get(name) : undefined;
  const mayTake =
    !access(path, attribute).disabled && attribute.type !== 'uid' && !isEmpty(value) && !sameValue(value, own);
  return (
    <div className={classes.field} data-beside>
      <div className={classes.head}>
        <span className={classes.language}>{language}</span>
        {newer !== undefined && (
          <span className={classes.newer} title={formatDateTime(newer)}>
            {t('beside.newer')}
          </span>
        )}
        {mayTake && (
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<IconArrowLeft size={14} aria-hidden />}
            aria-label={t('beside.takeField', { field: labelOf(name, attribute), language })}
            onClick={() => {
              store.set(path, copyValue(value), 'apart');
              announce(t('locale.filled', { language }));
            }}
          >
            {t('beside.take')}
          </Button>
        )}
      </div>
      {/* It scrolls, so the keys must reach it. */}
      <div
        className={classes.value}
        lang={beside.locale}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="group"
        aria-label={t('beside.of', { field: labelOf(name, attribute), language })}
      >
        {isEmpty(value) ? (
          <span className={classes.dim}>{t('beside.empty')}</span>
        ) : (
          toReadableText(model, value, attribute)
        )}
      </div>
    </div>
  );
}
