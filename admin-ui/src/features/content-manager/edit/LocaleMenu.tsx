import { Button, Group, Menu, Select } from '@mantine/core';
import { IconChevronDown, IconLanguage } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { explainError } from '@/ui/explainError';
import { languageName } from '@/ui/format';
import { announce } from '@/ui/live';
import { fillFrom } from './fill';
import { entryAddress } from './addresses';
import type { EntrySession } from './session';

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
  const statuses = new Map(session.state?.locales.map((each) => [each.locale, each.status]));
  const others = locales.available.filter(({ code }) => code !== session.locale && statuses.has(code));

  const fill = async (code: string) => {
    setError(null);
    try {
      await fillFrom(session, code, 'all');
      announce(t('locale.filled', { language: languageName(code) }));
    } catch (cause) {
      setError(explainError(cause, tc).title);
    }
  };
  return (
    <Group gap={4}>
      <Select
        size="xs"
        w={170}
        aria-label={t('locale.label')}
        allowDeselect={false}
        leftSection={<IconLanguage size={16} aria-hidden />}
        value={session.locale ?? null}
        data={locales.available.map(({ code }) => {
          const status = statuses.get(code);
          return {
            value: code,
            label: status
              ? `${languageName(code)} · ${tf(`status.${status}`)}`
              : `${languageName(code)} · ${t('locale.none')}`,
          };
        })}
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
            <Menu.Label>{t('beside.show')}</Menu.Label>
            {others.map(({ code }) => (
              <Menu.CheckboxItem
                key={code}
                closeMenuOnClick
                checked={beside === code}
                onChange={(checked) => setSearch({ beside: checked ? code : undefined, preview: undefined })}
              >
                {languageName(code)}
              </Menu.CheckboxItem>
            ))}
            {mayWrite && (
              <>
                <Menu.Divider />
                <Menu.Label>{t('locale.fill')}</Menu.Label>
                {others.map(({ code }) => (
                  <Menu.Item key={code} onClick={() => void fill(code)}>
                    {languageName(code)}
                  </Menu.Item>
                ))}
              </>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
    </Group>
  );
}
