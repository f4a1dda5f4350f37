import { Button, Stack, Table, Text } from '@mantine/core';
import { IconPlus, IconRoute } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { workflowsQuery } from '@/api/workflows';
import { EmptyState } from '@/ui/EmptyState';
import { PageTitle } from '@/ui/PageTitle';
import { QueryState } from '../parts/QueryState';
import { TableScroll } from '../parts/TableScroll';
import { TextLink } from '../parts/TextLink';
import { useContentTypes } from '../parts/useContentTypes';
import { newWorkflowAddress, workflowAddress } from '../addresses';

/** Through which stages documents go before they are published. */
export default function WorkflowsPage() {
  const { t } = useTranslation('settings');
  const workflows = useQuery(workflowsQuery);
  const { nameOf } = useContentTypes();
  const make = (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      renderRoot={(props) => <Link {...newWorkflowAddress.to({})} {...props} />}
    >
      {t('workflows.new')}
    </Button>
  );
  return (
    <Stack gap="md">
      <PageTitle title={t('workflows.title')} actions={workflows.data?.length ? make : undefined}>
        <Text size="sm" c="dimmed">
          {t('workflows.lead')}
        </Text>
      </PageTitle>
      <QueryState query={workflows}>
        {(all) =>
          all.length === 0 ? (
            <EmptyState icon={IconRoute} title={t('workflows.none')} action={make}>
              {t('workflows.noneHint')}
            </EmptyState>
          ) : (
            <TableScroll label={t('workflows.title')}>
              <Table highlightOnHover>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('workflows.name')}</Table.Th>
                    <Table.Th>{t('workflows.types')}</Table.Th>
                    <Table.Th>{t('workflows.stages')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {all.map((workflow) => (
                    <Table.Tr key={workflow.name}>
                      <Table.Td>
                        <TextLink strong {...workflowAddress.to({ name: workflow.name })}>
                          {workflow.name}
                        </TextLink>
                      </Table.Td>
                      <Table.Td>{workflow.contentTypes.map(nameOf).join(', ')}</Table.Td>
                      <Table.Td>{workflow.stages.map((stage) => stage.name).join(' → ')}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </TableScroll>
          )
        }
      </QueryState>
    </Stack>
  );
}
