import { Button, Text, UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SavedViewsState } from './useSavedViews';
import classes from './ViewTabs.module.css';

/** Hides the tabs that have wrapped below the first line, from the keys and from who hears the page as well. */
function hideWrapped(list: HTMLElement): void {
  for (const tab of list.querySelectorAll<HTMLElement>(':scope > li')) {
    tab.style.visibility = tab.offsetTop > list.offsetTop + list.clientHeight / 2 ? 'hidden' : '';
  }
}

/** With each drawing, and whenever there is more room or less. */
function watchTabs(list: HTMLElement | null): (() => void) | undefined {
  if (!list) return undefined;
  hideWrapped(list);
  const observer = new ResizeObserver(() => hideWrapped(list));
  observer.observe(list);
  return () => observer.disconnect();
}

/** The saved views of a list side by side, as many as fit; all are in the menu. Nothing where none is saved. */
export function ViewTabs({ saved }: { saved: SavedViewsState }) {
  const { t } = useTranslation('list');
  const { views = [], current, isModified } = saved;
  if (views.length === 0) return null;
  return (
    <nav className={classes.bar} aria-label={t('saved.title')}>
      <ul
        className={classes.tabs}
        // A new function with each drawing: React calls it anew.
        ref={(list) => watchTabs(list)}
      >
        <li>
          <UnstyledButton className={classes.tab} aria-current={current ? undefined : 'true'} onClick={saved.showAll}>
            {t('saved.all')}
          </UnstyledButton>
        </li>
        {views.map((view) => (
          <li key={view.id}>
            <UnstyledButton
              className={classes.tab}
              title={view.name}
              aria-current={view === current ? 'true' : undefined}
              disabled={!saved.canOpen(view)}
              onClick={() => saved.open(view)}
            >
              {view.name}
            </UnstyledButton>
          </li>
        ))}
      </ul>
      {current && isModified && (
        <div className={classes.modified}>
          <Text size="xs" c="dimmed" role="status">
            {t('saved.modified')}
          </Text>
          {current.own && (
            <Button size="compact-xs" loading={saved.isSaving} onClick={saved.update}>
              {t('saved.saveChanges')}
            </Button>
          )}
          <Button size="compact-xs" variant="default" onClick={() => saved.open(current)}>
            {t('saved.reset')}
          </Button>
        </div>
      )}
    </nav>
  );
}
