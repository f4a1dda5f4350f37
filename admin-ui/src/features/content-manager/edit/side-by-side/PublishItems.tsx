import { Menu } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useContext } from 'react';
import { useTranslation } from 'react-i18next';
import { languageName } from '@/ui/format';
import { sessionOf } from '../sessions';
import { useForm } from '@/fields/form/context';
import type { EntryActions } from '../useEntryActions';
import { SideContext } from './side';

/** Which of two languages are published: the open one, the other, or one after the other. */
export function PublishItems({ run }: { run: EntryActions['run'] }) {
  const { t } = useTranslation('sides');
  const side = useContext(SideContext);
  const openLocale = sessionOf(useForm().store)?.locale;
  if (!side) return null;
  const open = languageName(openLocale ?? '');
  const other = languageName(side.session.locale ?? '');
  const icon = <IconSend size={16} aria-hidden />;
  return (
    <>
      <Menu.Item leftSection={icon} onClick={() => void run('publish')}>
        {t('publish', { language: open })}
      </Menu.Item>
      <Menu.Item leftSection={icon} onClick={side.publish}>
        {t('publish', { language: other })}
      </Menu.Item>
      {/* One after the other: where the first is not published, for whatever it lacks, the second waits as well. */}
      <Menu.Item leftSection={icon} onClick={() => void run('publish', side.publish)}>
        {t('publishBoth', { open, other })}
      </Menu.Item>
    </>
  );
}
