import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconLanguage, IconMessagePlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attribute } from '@/api/model';
import { useForm } from '@/fields/form/context';
import { toPlaces } from '@/fields/form/values';
import { labelOf } from '@/fields/label';
import { languageName } from '@/ui/format';
import { commentOn } from './commentTarget';
import { entryRoute } from './routes';
import { sessionOf } from './sessions';

/** What can be done about one field: comment on it, take it from another locale. Drawn small; the menu is made when it is asked for. */
export function FieldTools({ path, name, attribute }: { path: string; name: string; attribute: Attribute }) {
  const { t } = useTranslation('editor');
  const { store } = useForm();
  const [open, setOpen] = useState(false);
  const setSearch = entryRoute.useSetSearch();
  const label = t('tools.label', { field: labelOf(name) });
  const session = sessionOf(store);
  const locales =
    !path.includes('.') && attribute.pluginOptions?.i18n?.localized === true
      ? (session?.state?.locales ?? []).flatMap((each) => (each.locale && each.locale !== session?.locale ? [each.locale] : []))
      : [];
  const button = (
    <ActionIcon size={24} variant="subtle" color="gray" aria-label={label} aria-haspopup="menu" aria-expanded={open} onClick={() => setOpen(true)}>
      <IconDots size={14} aria-hidden />
    </ActionIcon>
  );
  if (!open) return button;
  return (
    <Menu opened onClose={() => setOpen(false)} position="bottom-end" withinPortal>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconMessagePlus size={16} aria-hidden />}
          onClick={() => {
            commentOn(toPlaces(store.values, path));
            setSearch({ panel: 'comments', preview: undefined });
          }}
        >
          {t('tools.comment')}
        </Menu.Item>
        {locales.map((code) => (
          <Menu.Item
            key={code}
            leftSection={<IconLanguage size={16} aria-hidden />}
            onClick={() => {
              if (!session) return;
              void import('./LocaleMenu').then(async ({ localisedOf }) => {
                const values = await localisedOf(session, code);
                if (name in values) store.set(path, values[name], 'apart');
              });
            }}
          >
            {t('tools.fill', { language: languageName(code) })}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
