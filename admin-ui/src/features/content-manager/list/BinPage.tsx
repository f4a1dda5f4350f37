import { Anchor, Button, Group, Skeleton, Table, Text, VisuallyHidden } from '@mantine/core';
import { IconArrowBackUp, IconTrashOff } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { pluralNameOf } from '@/api/model';
import { type DeletedDocument, listDeleted, restoreDeleted } from '@/api/deletedDocuments';
import { DelayedContent } from '@/ui/DelayedContent';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { MoreButton } from '@/ui/MoreButton';
import { announce } from '@/ui/live';
import { PageTitle } from '@/ui/PageTitle';
import { RelativeTime } from '@/ui/RelativeTime';
import { useEntriesChanged } from '@/views/entries/useEntryRows';
import { binAddress, entryTarget, listAddress } from '../addresses';
import { useModel } from './useModel';

/** Deleted entries of a type, and the way back. */
export default function BinPage(): ReactElement {
  const { t } = useTranslation(['list', 'common']);
  const { uid } = binAddress.useParams();
  const { type } = useModel(uid);
  const queries = useQueryClient();
  const changed = useEntriesChanged();
  const [restored, setRestored] = useState<string[]>([]);
  const key = ['deleted', uid];
  const bin = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => listDeleted(uid, pageParam, signal),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.before ?? undefined,
  });
  const back = useMutation({
    mutationFn: (document: DeletedDocument) => restoreDeleted(uid, document.documentId),
    onSuccess: async (_, { documentId }) => {
      setRestored((old) => [documentId, ...old]);
      announce(t('list:bin.restored'));
      await Promise.all([changed(uid), queries.invalidateQueries({ queryKey: key })]);
    },
  });
  // Each language of a document leaves an entry; it comes back in all of them.
  const documents = [
    ...new Map(
      (bin.data?.pages ?? []).flatMap((page) => page.documents).map((document) => [document.documentId, document]),
    ).values(),
  ];
  return (
    <>
      <PageTitle title={t('list:bin.of', { type: type ? pluralNameOf(type) : '' })}>
        <Anchor size="sm" renderRoot={(props) => <Link {...listAddress.to({ uid })} {...props} />}>
          {t('list:bin.back')}
        </Anchor>
      </PageTitle>
      {restored.length > 0 && (
        <Text size="sm" my="xs" role="status">
          {t('list:bin.restored')} <Link {...entryTarget(uid, restored[0] ?? '')}>{t('list:bin.open')}</Link>
        </Text>
      )}
      {bin.error && <ErrorMessage error={bin.error} retry={() => void bin.refetch()} />}
      {back.error && <ErrorMessage error={back.error} title={t('list:bin.failed')} />}
      {bin.isPending && (
        <DelayedContent>
          <Skeleton h={200} aria-label={t('common:loading')} />
        </DelayedContent>
      )}
      {bin.isSuccess && documents.length === 0 && (
        <EmptyState icon={IconTrashOff} title={t('list:bin.empty')}>
          {t('list:bin.emptyHint')}
        </EmptyState>
      )}
      {documents.length > 0 && (
        <Table.ScrollContainer minWidth={420}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('list:bin.document')}</Table.Th>
                <Table.Th>{t('list:bin.when')}</Table.Th>
                <Table.Th>{t('list:bin.who')}</Table.Th>
                <Table.Th>
                  <VisuallyHidden>{t('list:bin.actions')}</VisuallyHidden>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {documents.map((document) => (
                <Table.Tr key={document.documentId}>
                  <Table.Td>{document.title ?? document.documentId}</Table.Td>
                  <Table.Td>
                    <RelativeTime at={document.at} />
                  </Table.Td>
                  <Table.Td>{document.actor.name}</Table.Td>
                  <Table.Td>
                    <Group justify="flex-end">
                      <Button
                        size="compact-sm"
                        variant="default"
                        leftSection={<IconArrowBackUp size={14} aria-hidden />}
                        loading={back.isPending && back.variables.documentId === document.documentId}
                        onClick={() => back.mutate(document)}
                      >
                        {t('list:bin.restore')}
                      </Button>
                    </Group>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <MoreButton pages={bin} mt="sm" />
    </>
  );
}
