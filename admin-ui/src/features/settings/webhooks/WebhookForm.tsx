import { Checkbox, Fieldset, Group, JsonInput, MultiSelect, Radio, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  areDefaultEvents,
  OPT_IN_EVENTS,
  DEFAULT_EVENTS,
  pluginEventsQuery,
  type Webhook,
  type WebhookChanges,
} from '@/api/webhooks';
import { problemAt } from '../parts/problems';
import { SettingsForm } from '../parts/SettingsForm';
import { useContentTypes } from '../parts/useContentTypes';
import { type HeaderRow, toHeaders, HeadersInput, toHeaderRows } from './HeadersInput';

interface Props {
  webhook?: Webhook;
  /** Where it is kept; `true` once it is. */
  send: (changes: WebhookChanges) => Promise<unknown>;
  pending: boolean;
  error: unknown;
  saved: boolean;
  submit?: string;
  actions?: ReactNode;
}

interface WebhookDraft {
  name: string;
  url: string;
  eventChoice: 'usual' | 'chosen';
  events: string[];
  types: string[];
  condition: string;
  headers: HeaderRow[];
}

/** What a webhook is: where it goes, of what it is told, and what goes with it. */
export function WebhookForm({ webhook, send, pending, error, saved, submit, actions }: Props) {
  const { t } = useTranslation('settings');
  const { types } = useContentTypes();
  const [draft, setDraft] = useState(() => toWebhookDraft(webhook));
  const [lastSaved, setLastSaved] = useState(draft);
  const [badJson, setBadJson] = useState(false);
  const dirty = JSON.stringify(draft) !== JSON.stringify(lastSaved);
  const change = (part: Partial<WebhookDraft>): void => setDraft((old) => ({ ...old, ...part }));
  const save = (): void => {
    let condition: Record<string, unknown> | null = null;
    try {
      condition = draft.condition.trim() ? (JSON.parse(draft.condition) as Record<string, unknown>) : null;
    } catch {
      setBadJson(true);
      return;
    }
    send({
      name: draft.name.trim(),
      url: draft.url.trim(),
      events: draft.eventChoice === 'usual' ? null : draft.events,
      types: draft.types.length > 0 ? draft.types : null,
      condition,
      headers: toHeaders(draft.headers),
    }).then(
      () => setLastSaved(draft),
      // The form shows it.
      () => {},
    );
  };
  const eventBox = (event: string) => (
    <Checkbox key={event} value={event} label={t(`webhooks.event.${event.replace('.', '_')}`)} description={event} />
  );
  return (
    <SettingsForm
      onSubmit={save}
      pending={pending}
      error={error}
      saved={saved}
      dirty={dirty}
      submit={submit}
      actions={actions}
    >
      <TextInput
        label={t('webhooks.name')}
        description={t('webhooks.nameHint')}
        value={draft.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
        error={problemAt(error, 'name')}
        required
      />
      <TextInput
        label={t('webhooks.url')}
        description={t('webhooks.urlHint')}
        type="url"
        inputMode="url"
        placeholder="https://"
        value={draft.url}
        onChange={(event) => change({ url: event.currentTarget.value })}
        error={problemAt(error, 'url')}
        required
      />
      <Radio.Group
        label={t('webhooks.events')}
        description={t('webhooks.eventsHint')}
        value={draft.eventChoice}
        onChange={(which) =>
          change({
            eventChoice: which as WebhookDraft['eventChoice'],
            events: draft.events.length ? draft.events : ['entry.publish', 'entry.unpublish', 'entry.delete'],
          })
        }
        error={problemAt(error, 'events')}
      >
        <Group mt={6}>
          <Radio value="usual" label={t('webhooks.usualEvents')} />
          <Radio value="chosen" label={t('webhooks.chosenEvents')} />
        </Group>
      </Radio.Group>
      {draft.eventChoice === 'chosen' && (
        <Checkbox.Group
          value={draft.events}
          onChange={(events) => change({ events })}
          aria-label={t('webhooks.chosenEvents')}
        >
          <Stack gap="sm">
            <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="xs">
              {DEFAULT_EVENTS.map(eventBox)}
            </SimpleGrid>
            <Fieldset legend={t('webhooks.onlyNamed')} p="sm">
              <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="xs">
                {OPT_IN_EVENTS.map(eventBox)}
              </SimpleGrid>
            </Fieldset>
            <PluginEvents chosen={draft.events} />
          </Stack>
        </Checkbox.Group>
      )}
      <MultiSelect
        label={t('webhooks.types')}
        description={t('webhooks.typesHint')}
        placeholder={draft.types.length === 0 ? t('webhooks.allTypes') : undefined}
        data={types.map((type) => ({ value: type.uid, label: type.info.displayName }))}
        value={draft.types}
        onChange={(chosen) => change({ types: chosen })}
        error={problemAt(error, 'types')}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': t('form.clear') }}
      />
      <JsonInput
        label={t('webhooks.condition')}
        description={t('webhooks.conditionHint')}
        placeholder='{ "category": { "slug": { "$eq": "new" } } }'
        value={draft.condition}
        onChange={(condition) => {
          setBadJson(false);
          change({ condition });
        }}
        error={badJson ? t('form.badJson') : problemAt(error, 'condition')}
        formatOnBlur
        autosize
        minRows={2}
        maxRows={12}
      />
      <HeadersInput
        rows={draft.headers}
        onChange={(headers) => change({ headers })}
        error={problemAt(error, 'headers')}
      />
    </SettingsForm>
  );
}

/** Events of plugins: of those that run, and what is chosen of others. */
function PluginEvents({ chosen }: { chosen: readonly string[] }) {
  const { t } = useTranslation('settings');
  const { data: offered } = useQuery(pluginEventsQuery);
  const core: readonly string[] = [...DEFAULT_EVENTS, ...OPT_IN_EVENTS];
  const [first] = useState(() => chosen.filter((event) => !core.includes(event)));
  const events = [...new Set([...(offered ?? []), ...first])].toSorted();
  if (events.length === 0) return null;
  return (
    <Fieldset legend={t('webhooks.pluginEvents')} p="sm">
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="xs">
        {events.map((event) => (
          <Checkbox
            key={event}
            value={event}
            label={event}
            description={offered && !offered.includes(event) ? t('webhooks.noSuchPluginEvent') : undefined}
          />
        ))}
      </SimpleGrid>
    </Fieldset>
  );
}

function toWebhookDraft(webhook: Webhook | undefined): WebhookDraft {
  return {
    name: webhook?.name ?? '',
    url: webhook?.url ?? '',
    eventChoice: !webhook || areDefaultEvents(webhook.events) ? 'usual' : 'chosen',
    events: webhook && !areDefaultEvents(webhook.events) ? webhook.events : [],
    types: webhook?.types ?? [],
    condition: webhook?.condition ? JSON.stringify(webhook.condition, null, 2) : '',
    headers: toHeaderRows(webhook?.headers ?? null),
  };
}
