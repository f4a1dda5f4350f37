import { Button, Group, Menu, Select } from '@mantine/core';
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

const ReplaceDialog = lazyPart(() => import('./ReplaceDialog'));

interface LocaleMenuProps {
  session: EntrySession;
  locales: { default: string; available: { code: string; name: string }[] };
  /** The locale that stands beside the fields. */
  beside: string | undefined;
  mayWrite: boolean;
}

/** The language of the content, another to see beside it, and where to take it from. */
export function LocaleMenu({ session, locales, beside, mayWrite }: LocaleMenuProps) {
  const { t } = useTranslation('editor');
  const { t: tf } = useTranslation('fields');
  const { t: tc } = useTranslation('common');
  const setSearch = entryAddress.useSetSearch();
  const [error, setError] = useState<string | null>(null);
  // What was found in another locale, until it is said whether it may replace what is here.
  const [filling, setFilling] = useState<{ code: string; found: Values } | null>(null);
  const statuses = new Map(session.state?.locales.map((each) => [each.locale, each.status]));
  const others = locales.available.filter(({ code }) => code !== session.locale && statuses.has(code));

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
    <Group gap={4}>
      <Select
        size="xs"
        className={classes.locale}
        comboboxProps={{ width: 'max-content', position: 'bottom-start' }}
        aria-label={t('locale.label')}
        allowDeselect={false}
        leftSection={<IconLanguage size={16} aria-hidden />}
        value={session.locale ?? null}
        // How far each is, is said in the list alone: the field has room for a name.
        data={locales.available.map(({ code }) => ({ value: code, label: languageName(code) }))}
        renderOption={({ option: { value, label } }) => {
          const status = statuses.get(value);
          if (!status) return `${label} · ${t('locale.none')}`;
          return session.type.draftAndPublish ? `${label} · ${tf(`status.${status}`)}` : label;
        }}
        onChange={(code) => {
          if (code && code !== session.locale)
            void session
              .flush('auto')
              .finally(() =>
                setSearch({ locale: code, ...(beside === code ? { beside: session.locale } : {}) }, { replace: false }),
              );
        }}
        error={error}
      />
      {others.length > 0 && (
        <Menu position="bottom-start">
          <Menu.Target>
            <Button size="xs" variant="subtle" rightSection={<IconChevronDown size={14} aria-hidden />}>
              {t('locale.others')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {others.map(({ code }) => (
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
    </Group>
  );
}
