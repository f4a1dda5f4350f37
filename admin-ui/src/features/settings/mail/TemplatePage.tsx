import { Button, Code, Group, SimpleGrid, Stack, Tabs, Text, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  previewTemplate,
  resetTemplate,
  saveTemplate,
  type Template,
  type TemplateParts,
  templateQuery,
} from '@/api/mail';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { languageName } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import { RelativeTime } from '@/ui/RelativeTime';
import { JsonBlock } from '../parts/JsonBlock';
import { problemAt, problemsOf } from '../parts/problems';
import { QueryState } from '../parts/QueryState';
import { SettingsForm } from '../parts/SettingsForm';
import { TextLink } from '../parts/TextLink';
import { useUndo } from '../parts/useUndo';
import { mailAddress, templateAddress } from '../addresses';
import { MailFrame } from './MailFrame';

/** The words of one mail in one language, and how they look while they are typed. */
export default function TemplatePage() {
  const { t } = useTranslation('settings');
  const { name, locale } = templateAddress.useParams();
  const template = useQuery(templateQuery(name, locale));
  return (
    <Stack gap="md">
      <TextLink {...mailAddress.to({}, { tab: 'templates' })}>{t('mail.templates')}</TextLink>
      <PageTitle title={`${t(`mail.templateNames.${name}`, { defaultValue: name })} · ${languageName(locale)}`} />
      <QueryState query={template}>
        {(found) => <TemplateEditor key={`${name} ${locale} ${found.updatedAt}`} template={found} />}
      </QueryState>
    </Stack>
  );
}

const pickParts = ({ subject, text, html }: TemplateParts): TemplateParts => ({ subject, text, html });

function TemplateEditor({ template }: { template: Template }) {
  const { t } = useTranslation('settings');
  const queries = useQueryClient();
  const undo = useUndo();
  const { name, locale } = template;
  const [draft, setDraft] = useState(() => pickParts(template));
  const [previewed] = useDebouncedValue(draft, 400);
  const preview = useQuery({
    queryKey: ['mail', 'preview', name, locale, previewed],
    queryFn: ({ signal }) => previewTemplate(name, locale, previewed, signal),
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
  });
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: ['mail', 'templates'] });
  const save = useMutation({
    mutationFn: () => saveTemplate(name, locale, draft),
    onSuccess: changed,
  });
  const reset = useMutation({
    mutationFn: () => resetTemplate(name, locale),
    onSuccess: async () => {
      undo(t('mail.isReset'), async () => {
        await saveTemplate(name, locale, pickParts(template));
        await changed();
      });
      await changed();
    },
  });
  const dirty = JSON.stringify(draft) !== JSON.stringify(pickParts(template));
  // What is wrong is told while it is typed, by the preview.
  const error = save.error ?? (problemsOf(preview.error).length > 0 ? preview.error : null);
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
      <SettingsForm
        onSubmit={() => save.mutate()}
        pending={save.isPending}
        error={save.error ?? reset.error}
        saved={save.isSuccess}
        dirty={dirty}
        actions={
          template.own && (
            <Button variant="default" loading={reset.isPending} onClick={() => reset.mutate()}>
              {t('mail.reset')}
            </Button>
          )
        }
      >
        <Text size="sm" c="dimmed">
          {template.own && template.updatedAt ? (
            <>
              {t('mail.isOwn')} <RelativeTime at={template.updatedAt} /> {template.updatedBy}
            </>
          ) : (
            t('mail.isBuiltIn')
          )}
        </Text>
        <TextInput
          label={t('mail.subject')}
          value={draft.subject}
          onChange={(event) => setDraft({ ...draft, subject: event.currentTarget.value })}
          error={problemAt(error, 'subject')}
        />
        <Textarea
          label={t('mail.asText')}
          description={t('mail.textHint')}
          value={draft.text}
          onChange={(event) => setDraft({ ...draft, text: event.currentTarget.value })}
          error={problemAt(error, 'text')}
          autosize
          minRows={6}
          maxRows={16}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        />
        <Textarea
          label={t('mail.asHtml')}
          description={t('mail.htmlHint')}
          value={draft.html}
          onChange={(event) => setDraft({ ...draft, html: event.currentTarget.value })}
          error={problemAt(error, 'html')}
          autosize
          minRows={6}
          maxRows={20}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        />
        <div>
          <Text size="sm" fw={500}>
            {t('mail.variables')}
          </Text>
          <Text size="sm" c="dimmed" mb={4}>
            {t('mail.variablesHint')}
          </Text>
          <Group gap={6}>
            {template.variables.map((variable) => (
              <Code key={variable}>{`{{${variable}}}`}</Code>
            ))}
          </Group>
        </div>
      </SettingsForm>
      <Stack gap="xs" miw={0}>
        <Text fw={500} size="sm">
          {t('mail.preview')}
        </Text>
        {preview.error && problemsOf(preview.error).length === 0 && (
          <ErrorMessage error={preview.error} retry={() => void preview.refetch()} />
        )}
        {preview.data && (
          <>
            <Text size="sm" aria-label={t('mail.subject')}>
              {preview.data.subject}
            </Text>
            <Tabs defaultValue="html" keepMounted={false}>
              <Tabs.List mb="xs">
                <Tabs.Tab value="html">{t('mail.asSeen')}</Tabs.Tab>
                <Tabs.Tab value="text">{t('mail.asText')}</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="html">
                <MailFrame html={preview.data.html} />
              </Tabs.Panel>
              <Tabs.Panel value="text">
                <JsonBlock value={preview.data.text} label={t('mail.asText')} />
              </Tabs.Panel>
            </Tabs>
          </>
        )}
      </Stack>
    </SimpleGrid>
  );
}
