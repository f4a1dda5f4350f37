import { Group, Select, Stack, Text, TextInput, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type RuleInput, rulePreviewQuery, saveRule, type SlotRule } from '@/api/slotRules';
import { peopleQuery } from '@/api/users';
import { problemAt, Section, SettingsForm, useContentTypes } from '@/features/settings';
import { formatDateTime, LOCAL_ZONE } from '@/ui/format';
import { TimeZoneSelect } from '@/ui/TimeZoneSelect';
import { ruleAddress } from '../addresses';
import { RecurrenceInput } from './RecurrenceInput';
import { toRule, weekdayOf } from './recurrence';

/** Occurrences that are shown of what is not kept yet. */
const MAX_PREVIEWED = 5;

type RuleDraft = Required<
  Pick<
    RuleInput,
    'title' | 'rule' | 'start' | 'zone' | 'until' | 'contentType' | 'phase' | 'team' | 'channel' | 'owner' | 'note'
  >
>;

function toRuleDraft(rule: SlotRule | undefined): RuleDraft {
  if (rule) {
    const { title, rule: rhythm, start, zone, until, contentType, phase, team, channel, owner, note } = rule;
    return { title, rule: rhythm, start, zone, until, contentType, phase, team, channel, owner, note };
  }
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  const rhythm = toRule({ often: 'weekly', interval: 1, weekdays: [weekdayOf(tomorrow)], month: { day: 1 } });
  return {
    title: '',
    rule: rhythm,
    start: `${tomorrow}T10:00`,
    zone: LOCAL_ZONE,
    until: null,
    contentType: null,
    phase: null,
    team: null,
    channel: null,
    owner: null,
    note: null,
  };
}

/** What comes, how often, from when on, and whose it is; with the next times as it is changed. */
export function RuleForm({ rule }: { rule?: SlotRule }) {
  const { t } = useTranslation(['calendar', 'settings', 'common']);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { types } = useContentTypes();
  const people = useQuery(peopleQuery).data ?? [];
  const [draft, setDraft] = useState(() => toRuleDraft(rule));
  const [lastSaved, setLastSaved] = useState(draft);
  const [untitled, setUntitled] = useState(false);
  const change = (part: Partial<RuleDraft>): void => setDraft({ ...draft, ...part });
  const save = useMutation({
    mutationFn: () => saveRule({ ...draft, title: draft.title?.trim() }, rule?.id),
    onSuccess: async (saved) => {
      setDraft(toRuleDraft(saved));
      setLastSaved(toRuleDraft(saved));
      await queries.invalidateQueries({ queryKey: ['calendar'] });
      if (!rule) await navigate(ruleAddress.to({ id: String(saved.id) }));
    },
  });
  const { rule: rhythm, start, zone, until } = draft;
  const [previewed] = useDebouncedValue({ rule: rhythm, start, zone, until }, 250);
  const preview = useQuery({ ...rulePreviewQuery(previewed, MAX_PREVIEWED), placeholderData: keepPreviousData });
  const wrong = (path: string): string | undefined => problemAt(save.error, path) ?? problemAt(preview.error, path);
  const line = (name: 'phase' | 'team' | 'channel') => ({
    label: t(`calendar:${name}`),
    value: draft[name] ?? '',
    onChange: (event: { currentTarget: { value: string } }) => change({ [name]: event.currentTarget.value || null }),
    error: wrong(name),
  });
  const [date, time] = [start?.slice(0, 10) ?? '', start?.slice(11, 16) ?? ''];
  const clear = { 'aria-label': t('settings:form.clear') };
  return (
    <SettingsForm
      onSubmit={() => {
        const empty = !draft.title?.trim();
        setUntitled(empty);
        if (empty) document.getElementById('rule-title')?.focus();
        else save.mutate();
      }}
      pending={save.isPending}
      error={save.error}
      saved={save.isSuccess}
      dirty={JSON.stringify(draft) !== JSON.stringify(lastSaved)}
      submit={rule ? undefined : t('calendar:rule.create')}
    >
      <Section title={t('calendar:rule.what')}>
        <Stack gap="sm">
          <TextInput
            id="rule-title"
            label={t('calendar:what')}
            value={draft.title ?? ''}
            onChange={(event) => change({ title: event.currentTarget.value })}
            error={untitled && !draft.title?.trim() ? t('calendar:rule.untitled') : wrong('title')}
            required
          />
          <Select
            label={t('calendar:type')}
            data={types.map(({ uid, info }) => ({ value: uid, label: info.displayName }))}
            value={draft.contentType}
            onChange={(contentType) => change({ contentType })}
            error={wrong('contentType')}
            searchable
            clearable
            clearButtonProps={clear}
          />
          <Group grow preventGrowOverflow={false} wrap="wrap" align="flex-start">
            <TextInput {...line('phase')} miw={140} />
            <TextInput {...line('team')} miw={140} />
            <TextInput {...line('channel')} miw={140} />
          </Group>
          <Select
            label={t('calendar:owner')}
            data={people.map((one) => ({ value: String(one.id), label: one.name }))}
            value={draft.owner ? String(draft.owner) : null}
            onChange={(owner) => change({ owner: owner ? Number(owner) : null })}
            error={wrong('owner')}
            searchable
            clearable
            clearButtonProps={clear}
          />
          <Textarea
            label={t('calendar:rule.note')}
            value={draft.note ?? ''}
            onChange={(event) => change({ note: event.currentTarget.value || null })}
            error={wrong('note')}
            autosize
            minRows={2}
          />
        </Stack>
      </Section>
      <Section title={t('calendar:rule.when')}>
        <Stack gap="sm">
          <RecurrenceInput
            rule={draft.rule ?? ''}
            start={draft.start ?? ''}
            onChange={(next) => change({ rule: next })}
            error={wrong('rule')}
          />
          <Group grow preventGrowOverflow={false} wrap="wrap" align="flex-start">
            <TextInput
              type="date"
              label={t('calendar:rule.from')}
              value={date}
              onChange={(event) => change({ start: `${event.currentTarget.value}T${time}` })}
              error={wrong('start')}
              miw={150}
            />
            <TextInput
              type="time"
              label={t('calendar:time')}
              value={time}
              onChange={(event) => change({ start: `${date}T${event.currentTarget.value}` })}
              miw={110}
            />
            <TextInput
              type="date"
              label={t('calendar:rule.until')}
              description={t('calendar:rule.untilHint')}
              value={until?.slice(0, 10) ?? ''}
              // Until the end of that day.
              onChange={(event) =>
                change({ until: event.currentTarget.value ? `${event.currentTarget.value}T23:59` : null })
              }
              error={wrong('until')}
              miw={150}
            />
          </Group>
          <TimeZoneSelect
            label={t('calendar:rule.zone')}
            description={t('calendar:rule.zoneHint')}
            value={zone ?? null}
            onChange={(next) => change({ zone: next })}
            error={wrong('zone')}
          />
          <div role="group" aria-labelledby="rule-preview">
            <Text size="sm" fw={500} id="rule-preview">
              {t('calendar:rule.preview')}
            </Text>
            <Text size="sm" component="div" role="status">
              {preview.data && !preview.error ? (
                <ul style={{ margin: 0, paddingInlineStart: '1.1rem' }}>
                  {preview.data.occurrences.map(({ at }) => (
                    <li key={at}>
                      <time dateTime={at}>{formatDateTime(at, preview.data.zone)}</time>
                    </li>
                  ))}
                </ul>
              ) : (
                preview.error && t('calendar:rule.noPreview')
              )}
              {preview.data?.occurrences.length === 0 && t('calendar:rule.over')}
            </Text>
          </div>
        </Stack>
      </Section>
    </SettingsForm>
  );
}
