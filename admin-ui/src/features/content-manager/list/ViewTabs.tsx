import { Button, Text, UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFirstLine } from '@/ui/useFirstLine';
import type { SavedViewsState } from './useSavedViews';
import classes from './ViewTabs.module.css';

/** The saved views of a list side by side, as many as fit; all are in the menu. Nothing where none is saved. */
export function ViewTabs({ saved }: { saved: SavedViewsState }) {
  const { t } = useTranslation('list');
  const { views = [], current, isModified } = saved;
  const { list, count } = useFirstLine<HTMLUListElement>();
  if (views.length === 0) return null;
  return (
    <nav className={classes.bar} aria-label={t('saved.title')}>
      <ul className={classes.tabs} ref={list}>
        <li>
          <UnstyledButton className={classes.tab} aria-current={current ? undefined : 'true'} onClick={saved.showAll}>
            {t('saved.all')}
          </UnstyledButton>
        </li>
        {views.map((view, index) => (
          // One that has wrapped below the first line is hidden from the keys and from who hears the page as well.
          <li key={view.id} style={{ visibility: index + 1 < count ? undefined : 'hidden' }}>
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
