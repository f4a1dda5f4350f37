import { Alert, Anchor, Button, CloseButton, Group, SegmentedControl, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { goToField } from '@/fields/form/reveal';
import { labelOf } from '@/fields/label';
import { languageName } from '@/ui/format';
import { keyNames } from '@/ui/keys';
import { showToast } from '@/ui/toast';
import type { EntrySession } from '../session';
import { fillEmpty } from './copyAcross';
import { type Side, SIDE_FORM } from './side';
import { TranslateEmptyButton } from './TranslateButtons';
import classes from './SideBySide.module.css';

interface SideBarProps {
  open: EntrySession;
  side: Side;
  mayWrite: boolean;
  /** Somebody deleted the second language. */
  gone: boolean;
  onShow: (shown: Side['shown']) => void;
  onAgain: () => void;
  onClose: () => void;
}

/** Above the fields of two languages: which they are, what was written in only one of them since, and what is empty filled from the other. */
export function SideBar({ open, side, mayWrite, gone, onShow, onAgain, onClose }: SideBarProps) {
  const { t } = useTranslation('sides');
  const beside = side.session;
  const names = { open: languageName(open.locale ?? ''), other: languageName(beside.locale ?? '') };
  const openOutdated = useUntouched(open, side.outdated.open);
  const besideOutdated = useUntouched(beside, side.outdated.beside);
  const isMissing = useSyncExternalStore(beside.subscribe, () => beside.version === null);
  const fill = (from: EntrySession, to: EntrySession) => {
    const languages = { from: languageName(from.locale ?? ''), to: languageName(to.locale ?? '') };
    const { count, undo } = fillEmpty(from, to);
    if (count > 0) showToast({ message: t('filled', { count, ...languages }), undo });
    else showToast({ message: t('nothingEmpty', languages) });
  };
  const list = (session: EntrySession, outdated: readonly string[], form?: string) =>
    outdated.length > 0 && (
      <Group gap="xs">
        <Text size="sm">
          {t('changed', {
            count: outdated.length,
            newer: form ? names.open : names.other,
            older: form ? names.other : names.open,
          })}
        </Text>
        {outdated.map((name) => (
          <Anchor
            key={name}
            component="button"
            type="button"
            size="sm"
            underline="always"
            onClick={() => goToField(session.store, name, form)}
          >
            {labelOf(name, session.type.attributes[name])}
          </Anchor>
        ))}
      </Group>
    );
  return (
    <section className={classes.bar} aria-label={t('title', names)}>
      <Group gap="xs" justify="space-between" wrap="nowrap">
        <Text size="sm" fw={500}>
          {t('title', names)}
        </Text>
        <CloseButton aria-label={t('close')} onClick={onClose} />
      </Group>
      <SegmentedControl
        className={classes.switch}
        fullWidth
        aria-label={t('switch')}
        value={side.shown}
        onChange={(shown) => onShow(shown === 'beside' ? 'beside' : 'open')}
        data={[
          { value: 'open', label: names.open },
          { value: 'beside', label: names.other },
        ]}
      />
      {gone ? (
        <Alert
          role="alert"
          color="yellow"
          icon={<IconAlertTriangle aria-hidden />}
          title={t('gone.title', { language: names.other })}
        >
          <Text size="sm">{t('gone.text', { language: names.other })}</Text>
          <Button size="xs" mt="xs" onClick={onAgain}>
            {t('gone.again', { language: names.other })}
          </Button>
        </Alert>
      ) : (
        isMissing && <Text size="sm">{t('missing', { language: names.other })}</Text>
      )}
      {list(open, openOutdated)}
      {list(beside, besideOutdated, SIDE_FORM)}
      {openOutdated.length + besideOutdated.length === 0 && !isMissing && <Text size="sm">{t('upToDate')}</Text>}
      {mayWrite && (
        <Group gap="xs">
          <Button size="xs" variant="light" onClick={() => fill(open, beside)}>
            {t('fill', { from: names.open, to: names.other })}
          </Button>
          <Button size="xs" variant="light" onClick={() => fill(beside, open)}>
            {t('fill', { from: names.other, to: names.open })}
          </Button>
          {side.translates && (
            <TranslateEmptyButton
              {...(side.source === 'open' ? { from: open, to: beside } : { from: beside, to: open })}
            />
          )}
          <Text size="xs" c="dimmed" className={classes.keys}>
            {t('across', { keys: keyNames('mod+shift+L').join('+') })}
          </Text>
        </Group>
      )}
    </section>
  );
}

/** Those of the attributes that are as they were saved. What is being written is newer than all that is. */
function useUntouched({ store }: EntrySession, outdated: ReadonlyMap<string, number>): readonly string[] {
  // A string, so that it is drawn again only when one of them is settled.
  const left = useSyncExternalStore(store.subscribeAll, () =>
    [...outdated.keys()].filter((name) => store.values[name] === store.saved[name]).join(' '),
  );
  return left === '' ? [] : left.split(' ');
}
