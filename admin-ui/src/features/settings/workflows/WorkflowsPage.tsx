import { Table } from '@mantine/core';
import { IconRoute } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { workflowsQuery } from '@/api/workflows';
import { ListPage } from '../parts/ListPage';
import { TableScroll } from '../parts/TableScroll';
import { TextLink } from '../parts/TextLink';
import { useContentTypes } from '../parts/useContentTypes';
import { newWorkflowAddress, workflowAddress } from '../addresses';

/** Through which stages documents go before they are published. */
export default function WorkflowsPage() {
  const { t } = useTranslation('settings');
  const workflows = useQuery(workflowsQuery);
  const { nameOf } = useContentTypes();
  return (
    <ListPage
      texts={{
        title: t('workflows.title'),
        lead: t('workflows.lead'),
        add: t('workflows.new'),
        none: t('workflows.none'),
        noneHint: t('workflows.noneHint'),
      }}
      icon={IconRoute}
      query={workflows}
      isEmpty={(all) => all.length === 0}
      add={newWorkflowAddress.to({})}
    >
      {(all) => (
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
      )}
    </ListPage>
  );
}
