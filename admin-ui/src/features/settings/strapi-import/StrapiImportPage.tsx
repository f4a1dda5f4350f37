import { Button, List, Stack, Table, Text, TextInput } from '@mantine/core';
import { IconDatabaseImport } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { modelQuery } from '@/api/contentTypes';
import { isAbsent } from '@/api/routeExists';
import { type StrapiImport, strapiImportQuery } from '@/api/strapiImport';
import { EmptyState } from '@/ui/EmptyState';
import { formatDateTime, formatList, formatNumber, languageName } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import { Sentence } from '@/ui/Sentence';
import { StateBadge } from '@/ui/StateBadge';
import { DescriptionList } from '../parts/DescriptionList';
import { QueryState } from '../parts/QueryState';
import { Section } from '../parts/Section';
import { StackedCell, StackedTable } from '../parts/StackedTable';
import { type CountRow, isComplete, listCounts } from './counts';

/** Differences that are drawn before somebody asks for more. */
const DRAWN = 50;

/** The report of the import that the project began with. */
export default function StrapiImportPage() {
  const { t } = useTranslation('strapiImport');
  const found = useQuery({ ...strapiImportQuery, retry: false });
  return (
    <Stack gap="md" maw={860}>
      <PageTitle title={t('title')}>
        <Text size="sm" c="dimmed">
          {t('lead')}
        </Text>
      </PageTitle>
      {isAbsent(found.error) ? (
        <EmptyState icon={IconDatabaseImport} title={t('absent')}>
          {t('absentHint')}
        </EmptyState>
      ) : (
        <QueryState query={found}>{(one) => <ImportSections found={one} />}</QueryState>
      )}
    </Stack>
  );
}

function ImportSections({ found: { importedAt, report } }: { found: StrapiImport }) {
  const { t } = useTranslation('strapiImport');
  return (
    <>
      <Section title={t('summary')}>
        <DescriptionList
          facts={[
            [t('importedAt'), formatDateTime(importedAt)],
            [t('strapi'), report.strapi],
            [t('archivedAt'), Number.isNaN(Date.parse(report.archivedAt)) ? null : formatDateTime(report.archivedAt)],
            [t('locales'), formatList(report.locales.map(languageName))],
            [t('registration'), report.registration],
          ]}
        />
      </Section>
      <Section title={t('todo')} lead={report.leftToDo.length > 0 ? t('todoLead') : t('todoNone')}>
        <Lines lines={report.leftToDo} />
      </Section>
      <Section title={t('counts')} lead={t('countsLead')}>
        <CountTable rows={listCounts(report)} />
        {Object.keys(report.hashes ?? {}).length > 0 && (
          <Text size="sm" c="dimmed">
            {t('countsVerified')}
          </Text>
        )}
      </Section>
      <Differences report={report} />
      {report.permissions.length > 0 && (
        <Section title={t('permissions')} lead={t('permissionsLead')}>
          <Lines lines={report.permissions} />
        </Section>
      )}
    </>
  );
}

function Lines({ lines }: { lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <List size="sm" spacing={4}>
      {lines.map((line) => (
        <List.Item key={line}>
          <Sentence inline text={line} />
        </List.Item>
      ))}
    </List>
  );
}

function CountTable({ rows }: { rows: readonly CountRow[] }) {
  const { t } = useTranslation('strapiImport');
  const model = useQuery(modelQuery).data;
  const nameOf = (name: string): string =>
    name === 'links' || name === 'assets'
      ? t(name)
      : (model?.contentTypes.find((type) => type.uid === name)?.info.displayName ?? name);
  return (
    <StackedTable label={t('counts')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('type')}</Table.Th>
          <Table.Th ta="right">{t('inStrapi')}</Table.Th>
          <Table.Th ta="right">{t('imported')}</Table.Th>
          <Table.Th>{t('state')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={row.name}>
            <Table.Th scope="row" fw={500} title={row.name}>
              {nameOf(row.name)}
            </Table.Th>
            <StackedCell label={t('inStrapi')} end>
              {formatNumber(row.inStrapi)}
            </StackedCell>
            <StackedCell label={t('imported')} end>
              {formatNumber(row.imported)}
            </StackedCell>
            <StackedCell label={t('state')}>
              {isComplete(row) ? (
                <StateBadge tone="good">{t('complete')}</StateBadge>
              ) : (
                <StateBadge tone="warning">{t('missing', { count: row.inStrapi - row.imported })}</StateBadge>
              )}
            </StackedCell>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </StackedTable>
  );
}

function Differences({ report: { differences, unlisted } }: { report: StrapiImport['report'] }) {
  const { t } = useTranslation('strapiImport');
  const [text, setText] = useState('');
  const [most, setMost] = useState(DRAWN);
  const wanted = text.trim().toLowerCase();
  const matching = differences.filter((one) => `${one.place} ${one.message}`.toLowerCase().includes(wanted));
  return (
    <Section
      title={t('differences')}
      lead={differences.length > 0 ? t('differencesLead') : t('differencesNone')}
      actions={
        differences.length > 10 && (
          <TextInput
            type="search"
            size="xs"
            aria-label={t('search')}
            placeholder={t('search')}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )
      }
    >
      {differences.length > 0 && (
        <Stack gap="xs" align="flex-start">
          {matching.length === 0 ? (
            <Text size="sm">{t('noMatch')}</Text>
          ) : (
            <StackedTable label={t('differences')}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('place')}</Table.Th>
                  <Table.Th>{t('reason')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {matching.slice(0, most).map(({ place, message }) => (
                  <Table.Tr key={`${place} ${message}`}>
                    <Table.Th scope="row" fw={500} style={{ overflowWrap: 'anywhere' }}>
                      {place}
                    </Table.Th>
                    <StackedCell label={t('reason')} wide>
                      <Sentence inline text={message} />
                    </StackedCell>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </StackedTable>
          )}
          {matching.length > most && (
            <Button variant="default" size="xs" onClick={() => setMost(most + DRAWN)}>
              {t('more', { count: Math.min(DRAWN, matching.length - most) })}
            </Button>
          )}
          {unlisted > 0 && (
            <Text size="sm" c="dimmed">
              {t('unlisted', { count: unlisted })}
            </Text>
          )}
        </Stack>
      )}
    </Section>
  );
}
