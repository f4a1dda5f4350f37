import { Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { OfflineError } from '@/api/client';
import { compareVersions, type HistoryEntry, restoreVersion } from '@/api/editorial';
import { sameValue } from '@/fields/form/values';
import { labelOf } from '@/fields/label';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDateTime } from '@/ui/format';
import { lazyPart } from '@/ui/lazyPart';
import { showToast } from '@/ui/toast';
import classes from './Edit.module.css';
import type { EntrySession } from './session';

// A file of its own: shared with another part, it would come with every page that shows an entry.
const DifferenceDetails = lazyPart(() => import('./DifferenceDetails'));

interface CompareDialogProps {
  from: HistoryEntry;
  to: HistoryEntry;
  session: EntrySession;
  title?: string;
  onClose: () => void;
}

/** What differs between two versions, and the older one to be brought back, whole or some of its fields. All of it is shown as text. */
export default function CompareDialog({ from, to, session, title, onClose }: CompareDialogProps) {
  const { t } = useTranslation('editor');
  const queries = useQueryClient();
  const compared = useQuery({
    queryKey: ['entry-compare', from.id, to.id],
    queryFn: ({ signal }) => compareVersions(from.id, to.id, signal),
  });
  const [selected, setSelected] = useState<string[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const mayWrite = session.type.can.update;
  const restore = async (fields?: string[]) => {
    setBusy(true);
    setError(null);
    try {
      if (session.unsaved && !(await session.flush('asked'))) {
        onClose();
        return;
      }
      const shown = session.store.values;
      const { leftOut = [] } = await restoreVersion(from.id, session.seen, fields ? { fields } : {});
      await session.reload();
      void queries.invalidateQueries({ queryKey: ['entry-history'] });
      const restored = session.store.values;
      const undo = async () => {
        // What was written since stays.
        const names = Object.keys(restored).filter((name) => sameValue(session.store.get(name), restored[name]));
        const before = Object.fromEntries(names.map((name) => [name, shown[name]]));
        if (!(await session.giveBack(before)) && session.save.is === 'offline') throw new OfflineError('not saved');
      };
      const count = leftOut.length;
      showToast({ message: t(count > 0 ? 'history.restoredWithout' : 'history.restored', { count }), undo });
      onClose();
    } catch (cause) {
      setError(cause);
      setBusy(false);
    }
  };
  const differences = compared.data?.differences ?? [];
  return (
    <Modal
      opened
      onClose={onClose}
      size="80rem"
      title={title ?? t('history.compare')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Stack>
        <div className={classes.sides}>
          <Text size="sm">
            {t('history.version', { at: formatDateTime(from.at), who: from.actor.name ?? from.actor.kind })}
          </Text>
          <Text size="sm">
            {t('history.version', { at: formatDateTime(to.at), who: to.actor.name ?? to.actor.kind })}
          </Text>
        </div>
        {compared.isError && <ErrorMessage error={compared.error} retry={() => void compared.refetch()} />}
        {compared.isSuccess && differences.length === 0 && <Text className={classes.dim}>{t('history.same')}</Text>}
        <ul className={classes.list}>
          {differences.map((difference) => {
            const attribute = session.type.attributes[difference.attribute];
            return (
              <li key={difference.attribute} className={classes.card}>
                {mayWrite ? (
                  <Checkbox
                    label={labelOf(difference.attribute, attribute)}
                    checked={selected.includes(difference.attribute)}
                    onChange={(event) =>
                      setSelected(
                        event.currentTarget.checked
                          ? [...selected, difference.attribute]
                          : selected.filter((name) => name !== difference.attribute),
                      )
                    }
                  />
                ) : (
                  <strong>{labelOf(difference.attribute, attribute)}</strong>
                )}
                <DifferenceDetails
                  model={session.model}
                  attribute={attribute}
                  difference={difference}
                  fallback={null}
                />
              </li>
            );
          })}
        </ul>
        {error !== null && <ErrorMessage error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('close')}
          </Button>
          {mayWrite && (
            <>
              <Button
                variant="light"
                disabled={selected.length === 0}
                loading={busy}
                onClick={() => void restore(selected)}
              >
                {t('history.restoreSome', { count: selected.length })}
              </Button>
              {/* Not the main button: whoever looks at a comparison has not come to undo what it shows. */}
              <Button variant="default" loading={busy} onClick={() => void restore()}>
                {t('history.restoreAll')}
              </Button>
            </>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
