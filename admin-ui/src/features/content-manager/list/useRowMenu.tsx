import { type ReactNode, useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ContentType } from '@/api/model';
import { titleOf } from '@/views/cells/Card';
import type { EntryRow } from '@/views/entries/useEntryRows';
import { RowMenuButton } from '@/views/table/RowMenuButton';
import type { OpenMenu } from './RowMenu';

interface RowMenuState {
  opened: OpenMenu | null;
  close: () => void;
  /** The button at the end of a row. */
  renderButton: (row: EntryRow) => ReactNode;
}

/** The row whose menu is open, and the buttons that open it; `alone`: those of cards, which Tab goes to. */
export function useRowMenu(type: ContentType, alone: boolean): RowMenuState {
  const { t } = useTranslation('list');
  const [opened, setOpened] = useState<OpenMenu | null>(null);
  const renderButton = useCallback(
    ({ entry, state }: EntryRow): ReactNode => (
      <RowMenuButton
        alone={alone}
        label={t('row.menu', { title: titleOf(type, entry) })}
        onOpen={(box) => setOpened({ entry, state, box })}
      />
    ),
    [t, type, alone],
  );
  return { opened, close: () => setOpened(null), renderButton };
}
