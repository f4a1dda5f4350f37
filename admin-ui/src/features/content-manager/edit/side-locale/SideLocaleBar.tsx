import { Anchor, Button, CloseButton, Group, Text } from '@mantine/core';
import { useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { goToField } from '@/fields/form/reveal';
import { labelOf } from '@/fields/label';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { languageName } from '@/ui/format';
import { showToast } from '@/ui/toast';
import { loadLocalised, takeOver } from '../fill';
import classes from './SideLocale.module.css';
import type { SideLocale } from './useSideLocale';

/** Above the fields: which locale stands beside them, what changed in it since, and everything that is empty filled from it. */
export function SideLocaleBar({
  beside,
  mayWrite,
  onClose,
}: {
  beside: SideLocale;
  mayWrite: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation('editor');
  const { session, locale, newer } = beside;
  const { store } = session;
  const [error, setError] = useState<unknown>(null);
  const language = languageName(locale);
  // Typing anywhere may settle one of them; which is a string, so that it is drawn again only then.
  const left = useSyncExternalStore(store.subscribeAll, () =>
    [...newer.keys()].filter((name) => store.values[name] === store.saved[name]).join(' '),
  );
  const names = left === '' ? [] : left.split(' ');
  const fillEmpty = async () => {
    setError(null);
    try {
      const { count, undo } = takeOver(session, await loadLocalised(session, locale), 'empty');
      if (count > 0) showToast({ message: t('beside.filled', { count, language }), undo });
      else showToast({ message: t('beside.nothingEmpty') });
    } catch (cause) {
      setError(cause);
    }
  };
  return (
    <section className={classes.bar} aria-label={t('beside.title', { language })}>
      <Group gap="xs" justify="space-between" wrap="nowrap">
        <Text size="sm" fw={500}>
          {t('beside.title', { language })}
        </Text>
        <CloseButton aria-label={t('beside.close')} onClick={onClose} />
      </Group>
      <Group gap="xs">
        <Text size="sm">
          {names.length === 0 ? t('beside.upToDate') : t('beside.changed', { count: names.length, language })}
        </Text>
        {names.map((name) => (
          <Anchor
            key={name}
            component="button"
            type="button"
            size="sm"
            underline="always"
            onClick={() => goToField(store, name)}
          >
            {labelOf(name, session.type.attributes[name])}
          </Anchor>
        ))}
      </Group>
      {mayWrite && (
        <Button size="xs" variant="light" onClick={() => void fillEmpty()}>
          {t('beside.fillEmpty', { language })}
        </Button>
      )}
      {error !== null && <ErrorMessage error={error} />}
    </section>
  );
}
