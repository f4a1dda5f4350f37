import { Card, Skeleton, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { overviewQuery } from '@/api/overview';
import { useSession } from '@/api/session';
import { sortByOrder, filterPermitted } from '@/app/compose';
import { DelayedContent } from '@/ui/DelayedContent';
import { EmptyState } from '@/ui/EmptyState';
import type { Feature } from '@/app/feature';
import { useFeatures } from '@/app/useFeatures';
import { displayName } from '@/ui/displayName';
import { PageTitle } from '@/ui/PageTitle';
import { PartBoundary } from '@/ui/PartBoundary';
import { hasPermission } from '@/app/permissions';
import { FirstStepsWidget } from './FirstStepsWidget';
import HealthWidget from './HealthWidget';
import classes from './HomePage.module.css';

/** Has lines that are read across: it stands in the wide column. */
function isWide({ span = 1 }: { span?: number }): boolean {
  return span > 1;
}

/** The cards of all features, and whether each has anything to show. */
function useWidgets(features: readonly Feature[]) {
  // Of all, whoever reads: each drawing calls the same hooks in the same order.
  return features
    .flatMap((feature) => feature.widgets ?? [])
    .map((widget) => ({
      ...widget,
      hasContent: widget.useHasContent?.() ?? (widget.useHasContent ? undefined : true),
    }));
}

/** What waits for whoever signs in: the widgets of the features they may use, and on an empty project what to do first. */
export default function HomePage() {
  const { me, permissions } = useSession();
  const features = useFeatures();
  // Whoever comes back may have changed what is here.
  useQuery({ ...overviewQuery, refetchOnMount: 'always' });
  const permitted = sortByOrder(filterPermitted(useWidgets(features), permissions));
  const widgets = permitted.filter(({ hasContent }) => hasContent);
  const isEmpty = permitted.every(({ hasContent }) => hasContent === false);
  const { t } = useTranslation(['home', ...new Set(widgets.map((widget) => widget.title.split(':')[0] ?? 'home'))]);
  const columns = [widgets.filter(isWide), widgets.filter((widget) => !isWide(widget))].filter(
    (column) => column.length > 0,
  );
  const first = me.firstName ?? displayName(me);
  return (
    <>
      <PageTitle
        title={t('home:welcome', { name: first })}
        actions={features.map((feature) => feature.homeAction && <feature.homeAction key={feature.name} />)}
      />
      {hasPermission(permissions, ['system.read']) && (
        <PartBoundary quiet>
          <HealthWidget />
        </PartBoundary>
      )}
      <FirstStepsWidget />
      {isEmpty && <EmptyState title={t('home:empty')}>{t('home:emptyHint')}</EmptyState>}
      {/* Two columns that grow by themselves: no card is as high as a longer one beside it. */}
      <div className={classes.columns} data-columns={columns.length}>
        {columns.map((column, at) => (
          <div key={at} className={classes.column}>
            {column.map((widget) => (
              <Card key={widget.id} withBorder padding="md" component="section" aria-labelledby={`widget-${widget.id}`}>
                <Title order={2} mb="xs" id={`widget-${widget.id}`}>
                  {t(widget.title)}
                </Title>
                <PartBoundary
                  fallback={
                    <DelayedContent>
                      <Skeleton h={96} />
                    </DelayedContent>
                  }
                >
                  <widget.widget />
                </PartBoundary>
              </Card>
            ))}
          </div>
        ))}
      </div>
      <div className={classes.grid}>
        {features.map(
          (feature) =>
            feature.moreWidgets && (
              <PartBoundary key={feature.name} quiet>
                <feature.moreWidgets />
              </PartBoundary>
            ),
        )}
      </div>
    </>
  );
}
