import { Card, Skeleton, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { overviewQuery } from '@/api/overview';
import { useSession } from '@/api/session';
import { byOrder, visible } from '@/ui/compose';
import { Deferred } from '@/ui/Deferred';
import { Delayed } from '@/ui/Delayed';
import { EmptyState } from '@/ui/EmptyState';
import { useFeatures } from '@/ui/frame';
import { here } from '@/ui/here';
import { nameOf } from '@/ui/nameOf';
import { PageTitle } from '@/ui/PageTitle';
import { may } from '@/ui/permissions';
import { FirstSteps } from './FirstSteps';
import HealthCard from './HealthCard';
import classes from './HomePage.module.css';

/** As a part by itself: where it fails, the page goes on. */
const healthCard = here(HealthCard);

/** What waits for whoever signs in: the widgets of the features they may use, and on an empty project what to do first. */
export default function HomePage() {
  const { me, permissions } = useSession();
  const features = useFeatures();
  // Whoever comes back may have changed what is here.
  useQuery({ ...overviewQuery, refetchOnMount: 'always' });
  const widgets = byOrder(
    visible(
      features.flatMap((feature) => feature.widgets ?? []),
      permissions,
    ),
  );
  const { t } = useTranslation(['home', ...new Set(widgets.map((widget) => widget.title.split(':')[0] ?? 'home'))]);
  const first = me.firstName ?? nameOf(me);
  return (
    <>
      <PageTitle title={t('home:welcome', { name: first })} />
      {may(permissions, ['system.read']) && <Deferred load={healthCard} quiet />}
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
            <Deferred
              load={widget.widget}
              fallback={
                <Delayed>
                  <Skeleton h={96} />
                </Delayed>
              }
            />
          </Card>
        ))}
        {features.map(
          (feature) => feature.moreWidgets && <Deferred key={feature.name} load={feature.moreWidgets} quiet />,
        )}
      </div>
    </>
  );
}
