import { Anchor, Badge, Button, Group, List } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type Overview, overviewQuery } from '@/api/overview';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { NEW_VIEW, viewEditAddress, viewAddress } from '../addresses';

const dashboardsOf = ({ dashboards }: Overview) => dashboards;

/** Whether there are dashboards; `undefined` while that is not known. */
export function useHasDashboards(): boolean | undefined {
  const { data, isPending } = useQuery({ ...overviewQuery, select: dashboardsOf });
  return isPending ? undefined : data === undefined || data.length > 0;
}

/** The dashboards that somebody made, or that others share. */
export default function DashboardsWidget() {
  const { t } = useTranslation(['views', 'list']);
  const { data: dashboards, error, refetch } = useQuery({ ...overviewQuery, select: dashboardsOf });
  if (error) return <ErrorMessage error={error} retry={() => void refetch()} />;
  if (!dashboards) return null;
  return (
    <>
      <List listStyleType="none" spacing={6}>
        {dashboards.map((view) => (
          <List.Item key={view.id}>
            <Group gap="xs">
              <Anchor
                size="sm"
                lh="1.5rem"
                style={{ overflowWrap: 'anywhere' }}
                renderRoot={(props) => <Link {...viewAddress.to({ id: String(view.id) })} {...props} />}
              >
                {view.name}
              </Anchor>
              {view.shared && (
                <Badge size="xs" variant="default">
                  {t('list:saved.sharedBadge')}
                </Badge>
              )}
            </Group>
          </List.Item>
        ))}
      </List>
      <Button
        mt="sm"
        size="xs"
        variant="default"
        leftSection={<IconPlus size={14} aria-hidden />}
        renderRoot={(props) => <Link {...viewEditAddress.to({ id: NEW_VIEW }, { kind: 'dashboard' })} {...props} />}
      >
        {t('views:builder.newDashboard')}
      </Button>
    </>
  );
}
