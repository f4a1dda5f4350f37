import { Badge, Tabs } from '@mantine/core';
import { type ReactNode, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attributes } from '@/api/model';
import { useForm } from '@/fields/form/context';
import { useShownFields } from '@/fields/form/shownFields';
import type { FormPart, FormTab } from './formColumns';

interface Props {
  attributes: Attributes;
  tabs: readonly FormTab[];
  draw: (parts: readonly FormPart[]) => ReactNode;
}

const hasField = (tab: FormTab, path: string): boolean =>
  tab.parts.some(({ fields }) => fields.includes(path.split('.')[0] ?? ''));

/**
 * Parts of a form in tabs. What is not seen is there all the same: a link to a field in it opens its tab. A tab of which no field is
 * drawn is left out.
 */
export default function FormTabs({ attributes, tabs, draw }: Props) {
  const { t } = useTranslation('editor');
  const { store } = useForm();
  const [open, setOpen] = useState('0');
  const names = useMemo(() => tabs.flatMap(({ parts }) => parts.flatMap(({ fields }) => fields)), [tabs]);
  const drawn = useShownFields(attributes, names);
  const shown = tabs
    .map((tab, index) => ({ ...tab, index: String(index) }))
    .filter(({ parts }) => parts.some(({ fields }) => fields.some((name) => drawn.has(name))));
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
  if (shown.length === 0) return null;
  return (
    <Tabs
      mt="md"
      value={shown.some(({ index }) => index === open) ? open : (shown[0]?.index ?? null)}
      onChange={(value) => setOpen(value ?? '0')}
    >
      <Tabs.List mb="md" aria-label={t('tabs.title')}>
        {shown.map(({ label, index }) => {
          const count = Number(counts[Number(index)]);
          return (
            <Tabs.Tab
              key={index}
              value={index}
              rightSection={
                count > 0 && (
                  <Badge color="red" variant="filled" circle aria-label={t('tabs.problems', { count })}>
                    {count}
                  </Badge>
                )
              }
            >
              {label || t('tabs.unnamed', { number: Number(index) + 1 })}
            </Tabs.Tab>
          );
        })}
      </Tabs.List>
      {shown.map(({ parts, index }) => (
        <Tabs.Panel key={index} value={index}>
          {draw(parts)}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
