import { Button, Menu, Text } from '@mantine/core';
import { IconChevronDown, IconLanguage } from '@tabler/icons-react';
import { Fragment, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Values } from '@/fields/form/values';
import { explainError } from '@/ui/explainError';
import { languageName } from '@/ui/format';
import { lazyPart } from '@/ui/lazyPart';
import { showToast } from '@/ui/toast';
import classes from './Edit.module.css';
import { loadLocalised, overwrittenBy, takeOver } from './fill';
import { entryAddress } from './addresses';
import type { EntrySession } from './session';
import { type Side, statesOf } from './side-by-side/side';

const ReplaceDialog = lazyPart(() => import('./ReplaceDialog'));

interface TranslationMenuProps {
  session: EntrySession;
  locales: readonly { code: string }[];
  /** The locale that stands beside the fields. */
  beside: string | undefined;
  side?: Side | null | undefined;
  mayWrite: boolean;
}

/** Another language to see beside the open one, and to take texts from. Nothing where there is no other. */
export function TranslationMenu({ session, locales, beside, side, mayWrite }: TranslationMenuProps) {
  const { t } = useTranslation('editor');
  const { t: tc } = useTranslation('common');
  const setSearch = entryAddress.useSetSearch();
  const [error, setError] = useState<string | null>(null);
  // What was found in another locale, until it is said whether it may replace what is here.
  const [filling, setFilling] = useState<{ code: string; found: Values } | null>(null);
  const statuses = statesOf(session, side);
  // One that is not there yet is made by what is typed in it.
  const besides = locales.filter(
    ({ code }) => code !== session.locale && session.documentId !== undefined && (mayWrite || statuses.has(code)),
  );
  const others = besides.filter(({ code }) => statuses.has(code));

  const fill = (code: string, found: Values, which: 'all' | 'empty') => {
    setFilling(null);
    const { count, undo } = takeOver(session, found, which);
    const language = languageName(code);
    if (count > 0) showToast({ message: t('beside.filled', { count, language }), undo });
    else showToast({ message: t(which === 'all' ? 'locale.nothingNew' : 'beside.nothingEmpty', { language }) });
  };
  const load = async (code: string, which: 'all' | 'empty') => {
    setError(null);
    try {
      const found = await loadLocalised(session, code);
      if (which === 'all' && overwrittenBy(session, found).length > 0) setFilling({ code, found });
      else fill(code, found, which);
    } catch (cause) {
      setError(explainError(cause, tc).title);
    }
  };
  return (
    <>
      {error && (
        <Text size="xs" c="var(--mantine-color-error)" role="alert">
          {error}
        </Text>
      )}
      {besides.length > 0 && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button
              size="compact-sm"
              variant="subtle"
              className={classes.tools}
              aria-label={t('locale.tools')}
              leftSection={<IconLanguage size={16} aria-hidden />}
              rightSection={<IconChevronDown size={14} aria-hidden />}
            >
              <span className={classes.wide}>{t('locale.tools')}</span>
            </Button>
          </Menu.Target>
          <Menu.Dropdown className={classes.menu}>
            {besides.map(({ code }) => (
              <Menu.CheckboxItem
                key={code}
                closeMenuOnClick
                checked={beside === code}
                onChange={(checked) => setSearch({ beside: checked ? code : undefined, preview: undefined })}
              >
                {t('beside.show', { language: languageName(code) })}
              </Menu.CheckboxItem>
            ))}
            {mayWrite &&
              others.map(({ code }) => (
                <Fragment key={code}>
                  <Menu.Divider />
                  <Menu.Item onClick={() => void load(code, 'empty')}>
                    {t('beside.fillEmpty', { language: languageName(code) })}
                  </Menu.Item>
                  <Menu.Item onClick={() => void load(code, 'all')}>
                    {t('locale.replace', { language: languageName(code) })}
                  </Menu.Item>
                </Fragment>
              ))}
          </Menu.Dropdown>
        </Menu>
      )}
      <Suspense>
        {filling && (
          <ReplaceDialog
            session={session}
            language={languageName(filling.code)}
            names={overwrittenBy(session, filling.found)}
            onClose={() => setFilling(null)}
            onFill={(which) => fill(filling.code, filling.found, which)}
          />
        )}
      </Suspense>
    </>
  );
}
