import { Card, Stack, Tabs, Title } from '@mantine/core';
import { useContext, useId, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '@/ui/EmptyState';
import { HeadingContext, useLabels, useView } from '../context';
import { EditingContext, type EditingHost, type OpenEdit } from '../editing';
import { iconOf } from '../icons';
import { NestedBlocks } from '../NestedBlocks';
import type { BlockOf } from '../types';
import { ActionButtons } from './Actions';
import classes from './Layout.module.css';

/** The next level of headings. */
function nextHeadingLevel(order: 2 | 3 | 4): 2 | 3 | 4 {
  return order === 2 ? 3 : 4;
}

export function StackBlock({ block }: { block: BlockOf<'stack'> }) {
  return (
    <Stack gap="md">
      <NestedBlocks blocks={block.show} />
    </Stack>
  );
}

/** Tabs. Which is open stands in the address of a page, by the tab's id or its place. */
export function TabsBlock({ block }: { block: BlockOf<'tabs'> }) {
  const label = useLabels();
  const { choices } = useView();
  const { t } = useTranslation('pluginView');
  const editing = useEditsInside();
  const ids = block.items.map(({ id }, at) => id ?? String(at + 1));
  const open = choices.tab !== undefined && ids.includes(choices.tab) ? choices.tab : (ids[0] ?? null);
  return (
    <Tabs
      value={open}
      onChange={(tab) => {
        // The inputs of another tab go with what is typed in them.
        if (editing.isDirty() && !window.confirm(t('fields.leaveTab'))) return;
        choices.set({ tab: tab === ids[0] || tab === null ? undefined : tab });
      }}
      keepMounted={false}
    >
      <Tabs.List mb="md">
        {block.items.map((item, at) => (
          <Tabs.Tab key={ids[at]} value={ids[at] ?? ''}>
            {label(item.label)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <EditingContext.Provider value={editing}>
        {block.items.map((item, at) => (
          <Tabs.Panel key={ids[at]} value={ids[at] ?? ''}>
            <Stack gap="md">
              <NestedBlocks blocks={item.show} />
            </Stack>
          </Tabs.Panel>
        ))}
      </EditingContext.Provider>
    </Tabs>
  );
}

/** Follows edits in place inside of a block, which the view around it follows as well. */
function useEditsInside(): EditingHost {
  const around = useContext(EditingContext);
  const edits = useRef(new Set<OpenEdit>());
  return useMemo(
    () => ({
      begin: (edit) => {
        edits.current.add(edit);
        const end = around.begin(edit);
        return () => {
          edits.current.delete(edit);
          end();
        };
      },
      isDirty: () => [...edits.current].some((edit) => edit.isDirty()),
    }),
    [around],
  );
}

export function ColumnsBlock({ block }: { block: BlockOf<'columns'> }) {
  return (
    <div className={classes.columns}>
      {block.items.map((item, at) => (
        // eslint-disable-next-line react/no-array-index-key
        <div key={at} className={classes.column} data-span={item.span ?? 1}>
          <NestedBlocks blocks={item.show} />
        </div>
      ))}
    </div>
  );
}

export function EmptyBlock({ block }: { block: BlockOf<'empty'> }) {
  const label = useLabels();
  const order = useContext(HeadingContext);
  return (
    <EmptyState
      icon={block.icon ? iconOf(block.icon) : undefined}
      title={label(block.title)}
      order={order}
      action={block.actions && <ActionButtons actions={block.actions} />}
    >
      {label(block.text)}
    </EmptyState>
  );
}

export function DashboardBlock({ block }: { block: BlockOf<'dashboard'> }) {
  return (
    <div className={classes.grid}>
      {block.widgets.map((widget) => (
        <Widget key={widget.id} widget={widget} />
      ))}
    </div>
  );
}

function Widget({ widget }: { widget: BlockOf<'dashboard'>['widgets'][number] }) {
  const id = useId();
  const label = useLabels();
  const order = useContext(HeadingContext);
  return (
    <Card withBorder padding="md" role="group" data-span={widget.span ?? 1} aria-labelledby={id}>
      <Title order={order} size="h3" mb="xs" id={id}>
        {label(widget.label)}
      </Title>
      <HeadingContext value={nextHeadingLevel(order)}>
        <NestedBlocks blocks={[widget.show]} />
      </HeadingContext>
    </Card>
  );
}
