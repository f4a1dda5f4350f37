import { Tabs } from '@mantine/core';
import { type ComponentType, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { Subject } from '@/api/editorial';
import type { Usages } from '@/api/usages';
import { Fields } from '@/fields/form/Fields';
import { lazyPart } from '@/ui/lazyPart';
import classes from './Edit.module.css';
import { PluginPanels } from './PluginPanels';
import { RevealPanel } from './RevealPanel';
import { entryAddress, type Panel } from './addresses';
import type { EntrySession } from './session';

interface PanelProps {
  subject: Subject;
  session: EntrySession;
}

const panelComponents: Record<Panel, ComponentType<PanelProps>> = {
  history: lazyPart(() => import('./HistoryPanel')),
  comments: lazyPart(() => import('./CommentsPanel')),
  review: lazyPart(() => import('./ReviewPanel')),
  plans: lazyPart(() => import('./PlansPanel')),
  usages: lazyPart(() => import('./UsagesPanel')),
};

interface SideColumnProps {
  session: EntrySession;
  /** The attributes that stand here. */
  names: readonly string[];
  /** None before the first save. */
  subject: Subject | undefined;
  panel: Panel | undefined;
  /** Where it is used, as far as the server tells. */
  usages: Usages | null;
}

/** What classifies the entry, and what belongs to it beside its content. */
export function SideColumn({ session, names, subject, panel, usages }: SideColumnProps) {
  const { t } = useTranslation('editor');
  const setSearch = entryAddress.useSetSearch();
  const { type } = session;
  const visiblePanels: Panel[] = [
    'history',
    'comments',
    ...(type.draftAndPublish ? (['review', 'plans'] as const) : []),
    ...(usages ? (['usages'] as const) : []),
  ];
  const open = panel && visiblePanels.includes(panel) ? panel : undefined;
  const Content = open ? panelComponents[open] : undefined;
  return (
    <aside className={classes.side} aria-label={t('side')}>
      {names.length > 0 && <Fields at="" attributes={type.attributes} names={names} />}
      <EntryDetails session={session} />
      {subject && (
        <Tabs
          value={open ?? null}
          onChange={(chosen) => setSearch({ panel: chosen === panel ? undefined : (chosen as Panel) })}
          allowTabDeactivation
        >
          <Tabs.List>
            {visiblePanels.map((each) => {
              const count = each === 'usages' && usages ? usages.entries : 0;
              return (
                <Tabs.Tab
                  key={each}
                  value={each}
                  aria-label={count ? t('usages.titleCount', { count }) : undefined}
                  px={6}
                >
                  {t(`${each}.title`)} {count || null}
                </Tabs.Tab>
              );
            })}
          </Tabs.List>
          {open && Content && (
            <Tabs.Panel value={open} pt="sm" className={classes.panel}>
              <Suspense>
                <RevealPanel key={open} />
                <Content subject={subject} session={session} />
              </Suspense>
            </Tabs.Panel>
          )}
        </Tabs>
      )}
      {subject && <PluginPanels session={session} subject={subject} />}
    </aside>
  );
}

function EntryDetails({ session }: { session: EntrySession }) {
  const { t } = useTranslation('editor');
  const { documentId, version, type } = session;
  if (!documentId) return null;
  return (
    <dl className={classes.facts}>
      <dt>{t('facts.type')}</dt>
      <dd>{type.info.displayName}</dd>
      <dt>{t('facts.id')}</dt>
      <dd>{documentId}</dd>
      {version && (
        <>
          <dt>{t('facts.version')}</dt>
          <dd>{version}</dd>
        </>
      )}
    </dl>
  );
}
