import { Card, Skeleton, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { overviewQuery } from '@/api/overview';
import { useSession } from '@/api/session';
import { sortByOrder, filterPermitted } from '@/app/compose';
import { DelayedContent } from '@/ui/DelayedContent';
import { EmptyState } from '@/ui/EmptyState';
import { useFeatures } from '@/app/useFeatures';
import { displayName } from '@/ui/displayName';
import { PageTitle } from '@/ui/PageTitle';
import { PartBoundary } from '@/ui/PartBoundary';
import { hasPermission } from '@/app/permissions';
import { FirstSteps } from './FirstSteps';
import HealthCard from './HealthCard';
import classes from './HomePage.module.css';

/** What waits for whoever signs in: the widgets of the features they may use, and on an empty project what to do first. */
export default function HomePage() {
  const { me, permissions } = useSession();
  const features = useFeatures();
  // Whoever comes back may have changed what is here.
  useQuery({ ...overviewQuery, refetchOnMount: 'always' });
  const widgets = sortByOrder(
    filterPermitted(
      features.flatMap((feature) => feature.widgets ?? []),
      permissions,
    ),
  );
  const { t } = useTranslation(['home', ...new Set(widgets.map((widget) => widget.title.split(':')[0] ?? 'home'))]);
  const first = me.firstName ?? displayName(me);
  return (
    <>
      <PageTitle title={t('home:welcome', { name: first })} />
      {hasPermission(permissions, ['system.read']) && (
        <PartBoundary quiet>
          <HealthCard />
        </PartBoundary>
      )}
      <FirstSteps />
      {widgets.length === 0 && <EmptyState title={t('home:empty')}>{t('home:emptyHint')}</EmptyState>}
      <div className={classes.grid}>
        {widgets.map((widget) => (
          <Card
            key={widget.id}
            withBorder
            padding="md"
            component="section"
            data-span={widget.span ?? 1}
            aria-labelledby={`widget-${widget.id}`}
          >
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
