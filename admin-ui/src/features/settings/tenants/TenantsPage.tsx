import { Code, Stack, Table, Text } from '@mantine/core';
import { IconBuildings } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Tenant, tenantsQuery } from '@/api/tenants';
import { isAbsent } from '@/api/routeExists';
import { EmptyState } from '@/ui/EmptyState';
import { PageTitle } from '@/ui/PageTitle';
import { JsonBlock } from '../parts/JsonBlock';
import { QueryState } from '../parts/QueryState';
import { Section } from '../parts/Section';
import { StateBadge } from '@/ui/StateBadge';
import { TableScroll } from '../parts/TableScroll';

/** A settings file that declares another one. */
const EXAMPLE = {
  tenants: {
    shop: {
      hosts: ['shop.example.com'],
      displayName: 'Shop',
      settings: { locales: { default: 'nl', available: ['nl'] } },
    },
  },
};

/** The projects that share this server. They are made on the server, not here. */
export default function TenantsPage() {
  const { t } = useTranslation('health');
  const tenants = useQuery(tenantsQuery);
  return (
    <Stack gap="md" maw={860}>
      <PageTitle title={t('tenants.title')}>
        <Text size="sm" c="dimmed">
          {t('tenants.lead')}
        </Text>
      </PageTitle>
      {isAbsent(tenants.error) ? (
        <EmptyState icon={IconBuildings} title={t('tenants.absent')}>
          {t('tenants.absentHint')}
        </EmptyState>
      ) : (
        <QueryState query={tenants}>{(all) => <TenantTable all={all} />}</QueryState>
      )}
      <Section title={t('tenants.make')} lead={t('tenants.makeLead')}>
        <Stack gap="xs">
          <JsonBlock label={t('tenants.example')} value={EXAMPLE} />
          <Code block>cairn apply settings.json</Code>
          <Text size="sm" c="dimmed">
            {t('tenants.docs')}
          </Text>
        </Stack>
      </Section>
    </Stack>
  );
}

function TenantTable({ all }: { all: Tenant[] }) {
  const { t } = useTranslation('health');
  if (all.length === 0) {
    return (
      <EmptyState icon={IconBuildings} title={t('tenants.none')}>
        {t('tenants.noneHint')}
      </EmptyState>
    );
  }
  return (
    <TableScroll label={t('tenants.title')}>
      <Table miw={520}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('tenants.name')}</Table.Th>
            <Table.Th>{t('tenants.hosts')}</Table.Th>
            <Table.Th>{t('tenants.state')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {all.map((tenant) => (
            <Table.Tr key={tenant.name}>
              <Table.Th scope="row">
                {tenant.displayName ? `${tenant.displayName} (${tenant.name})` : tenant.name}{' '}
                {tenant.current && (
                  <Text span size="sm" c="dimmed" fw={400}>
                    ({t('tenants.current')})
                  </Text>
                )}
              </Table.Th>
              <Table.Td>{tenant.hosts.length > 0 ? tenant.hosts.join(', ') : t('tenants.anyHost')}</Table.Td>
              <Table.Td>
                <StateBadge tone={tenant.active ? 'good' : 'off'}>
                  {t(tenant.active ? 'tenants.active' : 'tenants.away')}
                </StateBadge>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </TableScroll>
  );
}
