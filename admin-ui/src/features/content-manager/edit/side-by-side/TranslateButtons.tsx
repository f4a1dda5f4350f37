import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconLanguage } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { languageName } from '@/ui/format';
import { announce } from '@/ui/live';
import { showToast } from '@/ui/toast';
import type { FillResult } from '../fill';
import type { EntrySession } from '../session';
import { ReplaceFieldDialog } from './ReplaceFieldDialog';
import { explainFailure, previewTranslation, translateEmpty, translateField } from './translate';

interface Languages {
  /** The language that is translated, and the one that it is translated into. */
  from: EntrySession;
  to: EntrySession;
}

/** Translates while the button says so; what goes wrong is told in words. */
function useRun(run: () => Promise<FillResult>, tell: (result: FillResult) => void) {
  const { t } = useTranslation('sides');
  const [isRunning, setRunning] = useState(false);
  const start = async () => {
    setRunning(true);
    announce(t('translate.working'));
    try {
      tell(await run());
    } catch (error) {
      const found = explainFailure(error);
      const why = 'words' in found ? found.words : t([`translate.problem.${found.key}`, 'translate.problem.failed']);
      showToast({ message: `${t('translate.problem.title')}. ${why}`, failed: true });
    } finally {
      setRunning(false);
    }
  };
  return { isRunning, start: () => void start() };
}

/** Above a field: has it translated. */
export function TranslateFieldButton({ name, field, from, to }: Languages & { name: string; field: string }) {
  const { t } = useTranslation('sides');
  const [isAsking, setAsking] = useState(false);
  const names = { field, from: languageName(from.locale ?? ''), to: languageName(to.locale ?? '') };
  const { isRunning, start } = useRun(
    () => translateField(from, to, name),
    ({ undo }) => showToast({ message: t('translate.done', names), undo }),
  );
  const outcome = previewTranslation(from, to, name);
  if (outcome === 'nothing' && !isRunning) return null;
  const label = t('translate.field', names);
  return (
    <>
      <Tooltip label={label}>
        <ActionIcon
          size={24}
          variant="subtle"
          color="gray"
          aria-label={label}
          loading={isRunning}
          onClick={() => (outcome === 'replaces' ? setAsking(true) : start())}
        >
          <IconLanguage size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
      {isAsking && (
        <ReplaceFieldDialog
          names={names}
          by="translating"
          onClose={() => setAsking(false)}
          onReplace={() => {
            setAsking(false);
            start();
          }}
        />
      )}
    </>
  );
}

/** Above the fields: has all translated that are empty in the other language. */
export function TranslateEmptyButton({ from, to }: Languages) {
  const { t } = useTranslation('sides');
  const names = { to: languageName(to.locale ?? '') };
  const { isRunning, start } = useRun(
    () => translateEmpty(from, to),
    ({ count, undo }) =>
      showToast(
        count > 0
          ? { message: t('translate.filled', { count, ...names }), undo }
          : { message: t('translate.nothing', names) },
      ),
  );
  return (
    <Button
      size="xs"
      variant="light"
      leftSection={<IconLanguage size={16} aria-hidden />}
      loading={isRunning}
      onClick={start}
    >
      {t('translate.empty', names)}
    </Button>
  );
}
