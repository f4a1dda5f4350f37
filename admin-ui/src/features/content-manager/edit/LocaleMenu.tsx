import { Button, Group, Menu, Select } from '@mantine/core';
import { IconLanguage } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { readEntry } from '@/api/content';
import { isItem, type Values } from '@/fields/form/values';
import { copyItem, fromServer } from '@/fields/form/wire';
import { explain } from '@/ui/explain';
import { languageName } from '@/ui/format';
import { announce } from '@/ui/live';
import { entryRoute } from './routes';
import type { EntrySession } from './session';

interface LocaleMenuProps {
  session: EntrySession;
  locales: { default: string; available: { code: string; name: string }[] };
}

/** The language of the content, and where to take it from. */
export function LocaleMenu({ session, locales }: LocaleMenuProps) {
  const { t } = useTranslation('editor');
  const { t: tf } = useTranslation('fields');
  const { t: tc } = useTranslation('common');
  const setSearch = entryRoute.useSetSearch();
  const [error, setError] = useState<string | null>(null);
  const there = new Map(session.state?.locales.map((each) => [each.locale, each.status]));
  const others = locales.available.filter(({ code }) => code !== session.locale && there.has(code));

  const fillFrom = async (code: string) => {
    setError(null);
    try {
      const values = await localisedOf(session, code);
      session.store.assign(values);
      announce(t('locale.filled', { language: languageName(code) }));
    } catch (cause) {
      setError(explain(cause, tc).title);
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
          const status = there.get(code);
          return { value: code, label: status ? `${languageName(code)} · ${tf(`status.${status}`)}` : `${languageName(code)} · ${t('locale.none')}` };
        })}
        onChange={(code) => {
          if (code && code !== session.locale) void session.flush('auto').finally(() => setSearch({ locale: code }, { replace: false }));
        }}
        error={error}
      />
      {others.length > 0 && (
        <Menu position="bottom-start">
          <Menu.Target>
            <Button size="xs" variant="subtle">
              {t('locale.fill')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {others.map(({ code }) => (
              <Menu.Item key={code} onClick={() => void fillFrom(code)}>
                {languageName(code)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </Group>
  );
}

/** What another locale has in the attributes that each locale has of its own. Components are copies: those of there stay there. */
export async function localisedOf(session: EntrySession, code: string): Promise<Values> {
  const { type, model } = session;
  const read = await readEntry(type, session.documentId ?? '', { locale: code });
  const { values } = fromServer(model, type.attributes, read.entry);
  const copied = (value: unknown): unknown => {
    if (isItem(value)) return copyItem(value);
    return Array.isArray(value) ? value.map(copied) : value;
  };
  const names = Object.keys(type.attributes).filter((name) => {
    const attribute = type.attributes[name];
    return attribute?.pluginOptions?.i18n?.localized === true && attribute.type !== 'password' && attribute.type !== 'uid';
  });
  return Object.fromEntries(names.filter((name) => values[name] !== undefined).map((name) => [name, copied(values[name])]));
}
