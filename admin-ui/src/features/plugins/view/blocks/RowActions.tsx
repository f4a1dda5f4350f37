import { Menu } from '@mantine/core';
import { type ReactNode, useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Entry } from '@/api/content';
import type { ContentType } from '@/api/model';
import type { ViewDocument } from '@/api/pluginViews';
import { titleOf } from '@/views/cells/Card';
import { RowMenuButton } from '@/views/table/RowMenuButton';
import type { ActionBlock } from '../types';
import { ActionDialog, useAction, useActionName } from './Actions';
import { documentOf } from './documentOf';

/** Draws the button of an entry's menu. */
export type RowMenu = (entry: Entry) => ReactNode;

interface Props {
  type: ContentType;
  actions: readonly ActionBlock[];
  /** Field of what an entry is called there. */
  title: string | undefined;
  locale: string | undefined;
  /** The buttons stand by themselves, in no grid. */
  alone: boolean;
  children: (menu: RowMenu | undefined) => ReactNode;
}

/** What can be done with each document of a view: one menu and one dialog for all of them, opened by a button of each. */
export function RowActions({ type, actions, title, locale, alone, children }: Props) {
  const { t } = useTranslation('pluginView');
  // The last one stays while its menu goes: a menu that is taken away before it has closed gives the focus back to nobody.
  const [about, setAbout] = useState<{ entry: Entry; box: DOMRect }>();
  const [open, setOpen] = useState(false);
  const [openAction, setOpenAction] = useState<{ action: ActionBlock; document: ViewDocument }>();
  const nameOf = useCallback((entry: Entry) => t('rowMenu', { title: titleOf(type, entry, title) }), [t, type, title]);
  const menu = useCallback(
    (entry: Entry) => (
      <RowMenuButton
        label={nameOf(entry)}
        alone={alone}
        onOpen={(box) => {
          setAbout({ entry, box });
          setOpen(true);
        }}
      />
    ),
    [nameOf, alone],
  );
  return (
    <>
      {children(actions.length > 0 ? menu : undefined)}
      {actions.length > 0 && (
        <Menu opened={open} onChange={setOpen} position="bottom-end" withinPortal returnFocus>
          <Menu.Target>
            {/* Where the button is. It names the menu, and is nothing by itself. */}
            <span
              aria-hidden
              aria-label={about && nameOf(about.entry)}
              style={{
                position: 'fixed',
                left: about?.box.left,
                top: about?.box.top,
                width: about?.box.width,
                height: about?.box.height,
                pointerEvents: 'none',
              }}
            />
          </Menu.Target>
          <Menu.Dropdown>
            {about &&
              actions.map((action) => (
                <ActionItem
                  key={action.id}
                  action={action}
                  choose={() => setOpenAction({ action, document: documentOf(type, about.entry, locale) })}
                />
              ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {openAction && (
        <RowActionDialog
          key={`${openAction.action.id} ${openAction.document.documentId}`}
          {...openAction}
          done={() => setOpenAction(undefined)}
        />
      )}
    </>
  );
}

function ActionItem({ action, choose }: { action: ActionBlock; choose: () => void }) {
  const name = useActionName(action);
  return (
    <Menu.Item
      color={action.tone === 'danger' || (!action.call && action.id === 'delete') ? 'red' : undefined}
      disabled={action.disabled !== undefined}
      onClick={choose}
    >
      {name}
    </Menu.Item>
  );
}

/** An action on a row: always asked for in a dialog, where it can say what went wrong. */
function RowActionDialog({
  action,
  document,
  done,
}: {
  action: ActionBlock;
  document: ViewDocument;
  done: () => void;
}) {
  const { run } = useAction(action, document);
  const watched = {
    ...run,
    mutate: (values: Record<string, unknown>) => run.mutate(values, { onSuccess: done }),
  } as typeof run;
  return <ActionDialog action={action} run={watched} close={done} />;
}
