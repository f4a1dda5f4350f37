import { Badge, Tabs } from '@mantine/core';
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { EntryStore } from '@/fields/form/store';
import type { FormPart, FormTab } from './formColumns';

interface Props {
  store: EntryStore;
  tabs: readonly FormTab[];
  draw: (parts: readonly FormPart[]) => ReactNode;
}

const hasField = (tab: FormTab, path: string): boolean =>
  tab.parts.some(({ fields }) => fields.includes(path.split('.')[0] ?? ''));

/** Parts of a form in tabs. What is not seen is there all the same: a link to a field in it opens its tab. */
export default function FormTabs({ store, tabs, draw }: Props) {
  const { t } = useTranslation('editor');
  const [open, setOpen] = useState('0');
  useEffect(
    () =>
      store.onReveal((path) => {
        const index = tabs.findIndex((tab) => hasField(tab, path));
        if (index >= 0) setOpen(String(index));
      }),
    [store, tabs],
  );
  const countOf = (tab: FormTab): number =>
    [...new Set([...store.errors.keys(), ...store.problems.keys()])].filter((path) => hasField(tab, path)).length;
  const counts = useSyncExternalStore(store.subscribeErrors, () => tabs.map(countOf).join()).split(',');
  return (
    <Tabs mt="md" value={tabs[Number(open)] ? open : '0'} onChange={(value) => setOpen(value ?? '0')}>
      <Tabs.List mb="md" aria-label={t('tabs.title')}>
        {tabs.map(({ label }, index) => {
          const count = Number(counts[index]);
          return (
            <Tabs.Tab
              key={index}
              value={String(index)}
              rightSection={
                count > 0 && (
                  <Badge color="red" variant="filled" circle aria-label={t('tabs.problems', { count })}>
                    {count}
                  </Badge>
                )
              }
            >
              {label || t('tabs.unnamed', { number: index + 1 })}
            </Tabs.Tab>
          );
        })}
      </Tabs.List>
      {tabs.map(({ parts }, index) => (
        <Tabs.Panel key={index} value={String(index)}>
          {draw(parts)}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
