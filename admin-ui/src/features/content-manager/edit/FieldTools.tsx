import { Menu, Text } from '@mantine/core';
import { IconDots, IconLanguage, IconMessagePlus } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attribute } from '@/api/model';
import { useForm } from '@/fields/form/context';
import { toPlaces } from '@/fields/form/values';
import { labelOf } from '@/fields/label';
import { isEmpty } from '@/fields/shared/checks';
import { explainError } from '@/ui/explainError';
import { languageName } from '@/ui/format';
import { MenuAt } from '@/ui/MenuAt';
import { showToast } from '@/ui/toast';
import { setCommentTarget } from './commentTarget';
import classes from './Edit.module.css';
import { loadLocalised, takeOver } from './fill';
import { entryAddress } from './addresses';
import { sessionOf } from './sessions';

/** Whether each locale has a value of its own that another one can have too: slugs are made anew, passwords are not read. */
function canCopy({ type, pluginOptions }: Attribute): boolean {
  return pluginOptions?.i18n?.localized === true && type !== 'uid' && type !== 'password';
}

/** What can be done about one field: comment on it, take it from another locale. Drawn small; the menu is made when it is asked for. */
export function FieldTools({ path, name, attribute }: { path: string; name: string; attribute: Attribute }) {
  const { t } = useTranslation('editor');
  const { t: tc } = useTranslation('common');
  const { store, access } = useForm();
  // Where its button is, while the menu is open.
  const [rect, setRect] = useState<DOMRect | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const setSearch = entryAddress.useSetSearch();
  const label = t('tools.label', { field: labelOf(name, attribute) });
  const session = sessionOf(store);
  const locales =
    !path.includes('.') && canCopy(attribute) && !access(path, attribute).disabled
      ? (session?.state?.locales ?? []).flatMap((each) =>
          each.locale && each.locale !== session?.locale ? [each.locale] : [],
        )
      : [];
  const opened = useRef<HTMLButtonElement>(null);
  const close = () => {
    setRect(null);
    opened.current?.focus();
  };
  const fill = async (code: string) => {
    if (!session) return;
    try {
      const { [name]: value } = await loadLocalised(session, code);
      const { count, undo } = takeOver(session, { [name]: value }, 'all');
      const language = languageName(code);
      if (count > 0) showToast({ message: t('beside.filled', { count, language }), undo });
      else showToast({ message: t(isEmpty(value) ? 'tools.empty' : 'tools.same', { language }) });
    } catch (cause) {
      setFailed(explainError(cause, tc).title);
    }
  };
  return (
    <>
      {failed !== null && (
        <Text size="xs" c="red" role="alert">
          {failed}
        </Text>
      )}
      <button
        ref={opened}
        type="button"
        className={`${classes.tool} mantine-focus-auto`}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={rect !== null}
        onClick={(event) => {
          setFailed(null);
          setRect(event.currentTarget.getBoundingClientRect());
        }}
      >
        <IconDots size={14} aria-hidden />
      </button>
      {rect && (
        <MenuAt rect={rect} onClose={close}>
          <Menu.Item
            leftSection={<IconMessagePlus size={16} aria-hidden />}
            onClick={() => {
              setCommentTarget(toPlaces(store.values, path));
              setSearch({ panel: 'comments', preview: undefined });
            }}
          >
            {t('tools.comment')}
          </Menu.Item>
          {locales.map((code) => (
            <Menu.Item key={code} leftSection={<IconLanguage size={16} aria-hidden />} onClick={() => void fill(code)}>
              {t('tools.fill', { language: languageName(code) })}
            </Menu.Item>
          ))}
        </MenuAt>
      )}
    </>
  );
}
