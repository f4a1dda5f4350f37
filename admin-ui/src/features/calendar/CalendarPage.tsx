import { Alert, Button, Group, MultiSelect, Select, Text, TextInput } from '@mantine/core';
import { IconCalendarPlus, IconInfoCircle, IconRepeat } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type CalendarEntry, calendarQuery, moveEntry, planSlot } from '@/api/calendar';
import { modelQuery } from '@/api/contentTypes';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDateTime, LOCAL_ZONE } from '@/ui/format';
import { FormDialog } from '@/ui/FormDialog';
import { announce } from '@/ui/live';
import { PageTitle } from '@/ui/PageTitle';
import { localDay } from '@/views/filters/span';
import { parseDay, visibleDays } from '@/views/calendar/days';
import { DayGrid, type DayItem } from '@/views/calendar/DayGrid';
import { useDefaultMode } from '@/views/calendar/useDefaultMode';
import { EntryChip, calendarEntryName } from './EntryChip';
import { PluginDocumentChip, pluginDocumentName } from './PluginDocumentChip';
import { PluginLegend } from './PluginLegend';
import { calendarAddress, KINDS, rulesAddress } from './addresses';
import { calendarKey, pluginItems } from './pluginItems';
import { usePluginCalendars } from './usePluginCalendars';

/** What is planned, goes out and went out, and what plugins have dates for, day by day; what is still to come can be moved. */
export default function CalendarPage(): ReactElement {
  const { t } = useTranslation('calendar');
  const search = calendarAddress.useSearch();
  const set = calendarAddress.useSetSearch();
  const queries = useQueryClient();
  const model = useQuery(modelQuery);
  const [today] = useState(() => new Date());
  const day = (search.day && parseDay(search.day)) || today;
  const [adding, setAdding] = useState<string | null>(null);
  const [undo, setUndo] = useState<{ entry: CalendarEntry; from: string; to: string } | null>(null);
  const defaultMode = useDefaultMode();
  const mode = search.mode ?? defaultMode;
  const days = visibleDays(mode, day);
  const range = {
    from: localDay(days[0] ?? day),
    to: localDay(days.at(-1) ?? day),
    zone: LOCAL_ZONE,
    kinds: search.kinds && search.kinds.length > 0 ? search.kinds.join(',') : undefined,
    phase: search.phase,
    owner: search.owner,
    team: search.team,
    contentType: search.type,
  };
  const calendar = useQuery(calendarQuery(range));
  // They have no phase, team or owner to be filtered by.
  const hidesPlugins = Boolean(search.phase || search.team || search.owner);
  const hidden = search.hidden ?? [];
  const plugins = usePluginCalendars(
    hidesPlugins
      ? undefined
      : {
          from: range.from,
          to: range.to,
          zone: LOCAL_ZONE,
          contentType: search.type,
          hidden: hidden.length > 0 ? hidden.toSorted().join(',') : undefined,
        },
  );
  const entries = useMemo(
    () => (calendar.data?.days ?? []).flatMap((one) => one.entries.map((entry) => ({ day: one.date, entry }))),
    [calendar.data],
  );
  const shown = plugins.calendars.filter((one) => !hidden.includes(calendarKey(one)));
  const items = [
    ...entries.map(({ day: on, entry }) => ({
      time: entry.localTime.slice(11, 16),
      item: {
        id: keyOf(entry),
        day: on,
        title: calendarEntryName(entry),
        movable: isMovable(entry),
        content: <EntryChip entry={entry} />,
      } satisfies DayItem,
    })),
    ...pluginItems(shown, range.from, range.to).map((one) => ({
      // What takes the whole day, or goes on from the day before, comes first.
      time: one.number === 1 ? (one.document.time ?? '') : '',
      item: {
        id: `${calendarKey(one.calendar)} ${one.document.documentId} ${one.day}`,
        day: one.day,
        title: pluginDocumentName(one),
        movable: false,
        content: <PluginDocumentChip item={one} />,
      } satisfies DayItem,
    })),
  ]
    .toSorted((a, b) => (a.time < b.time ? -1 : Number(a.time > b.time)))
    .map(({ item }) => item);
  const move = useMutation({
    mutationFn: ({ entry, to }: { entry: CalendarEntry; from: string; to: string; back?: boolean }) =>
      moveEntry(entry, `${to}T${entry.localTime.slice(11, 16)}`, LOCAL_ZONE),
    onSuccess: async (_, { entry, from, to, back }) => {
      announce(t('moved', { title: calendarEntryName(entry), day: to }));
      await queries.invalidateQueries({ queryKey: ['calendar'] });
      // An occurrence of a rule has a slot of its own from now on, by which it is moved back.
      setUndo(back ? null : { entry, from, to });
    },
  });
  const moveBack = (): void => {
    if (!undo) return;
    const now = entries.find(
      ({ day: on, entry }) =>
        on === undo.to && (keyOf(entry) === keyOf(undo.entry) || isSameOccurrence(entry, undo.entry)),
    );
    move.mutate({ entry: now?.entry ?? undo.entry, from: undo.to, to: undo.from, back: true });
  };
  const options = (key: 'phase' | 'team'): string[] =>
    [
      ...new Set([...entries.flatMap(({ entry }) => entry[key] ?? []), ...(search[key] ? [search[key]] : [])]),
    ].toSorted();
  return (
    <>
      <PageTitle
        title={t('title')}
        actions={
          <Group gap="xs">
            <Button
              variant="default"
              leftSection={<IconRepeat size={16} aria-hidden />}
              renderRoot={(props) => <Link {...rulesAddress.to({})} {...props} />}
            >
              {t('rule.title')}
            </Button>
            <Button leftSection={<IconCalendarPlus size={16} aria-hidden />} onClick={() => setAdding(localDay(today))}>
              {t('plan')}
            </Button>
          </Group>
        }
      >
        <Text size="sm" c="dimmed">
          {t('zone', { zone: LOCAL_ZONE })}
        </Text>
      </PageTitle>
      <Group gap="xs" mb="sm">
        <MultiSelect
          size="xs"
          w={230}
          aria-label={t('kinds')}
          placeholder={search.kinds?.length ? undefined : t('kinds')}
          data={KINDS.map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))}
          value={search.kinds ?? []}
          onChange={(kinds) => set({ kinds: kinds.length > 0 ? kinds : undefined })}
          clearable
        />
        <Select
          size="xs"
          w={150}
          clearable
          aria-label={t('phase')}
          placeholder={t('phase')}
          data={options('phase')}
          value={search.phase ?? null}
          onChange={(phase) => set({ phase: phase ?? undefined })}
        />
        <Select
          size="xs"
          w={150}
          clearable
          aria-label={t('team')}
          placeholder={t('team')}
          data={options('team')}
          value={search.team ?? null}
          onChange={(team) => set({ team: team ?? undefined })}
        />
        <Select
          size="xs"
          w={150}
          clearable
          aria-label={t('owner')}
          placeholder={t('owner')}
          data={[{ value: 'me', label: t('mine') }]}
          value={search.owner ?? null}
          onChange={(owner) => set({ owner: owner ?? undefined })}
        />
        <Select
          size="xs"
          w={170}
          clearable
          searchable
          aria-label={t('type')}
          placeholder={t('type')}
          data={(model.data?.contentTypes ?? []).map(({ uid, info }) => ({ value: uid, label: info.displayName }))}
          value={search.type ?? null}
          onChange={(type) => set({ type: type ?? undefined })}
        />
      </Group>
      <PluginLegend
        calendars={plugins.calendars}
        hidden={hidden}
        onChange={(kinds) => set({ hidden: kinds.length > 0 ? kinds : undefined })}
      />
      {plugins.error && <ErrorMessage error={plugins.error} retry={() => void plugins.refetch()} />}
      {calendar.error && <ErrorMessage error={calendar.error} retry={() => void calendar.refetch()} />}
      {move.error && <ErrorMessage error={move.error} title={t('notMoved')} />}
      {undo && (
        <Group gap="xs" mb="xs" role="status">
          <Text size="sm">{t('moved', { title: calendarEntryName(undo.entry), day: undo.to })}</Text>
          <Button size="compact-sm" variant="default" loading={move.isPending} onClick={moveBack}>
            {t('back')}
          </Button>
        </Group>
      )}
      {calendar.data?.publishedFrom && (
        <Alert color="yellow" py="xs" mb="xs" icon={<IconInfoCircle aria-hidden />}>
          {t('cut', { at: formatDateTime(calendar.data.publishedFrom, LOCAL_ZONE) })}
        </Alert>
      )}
      {calendar.data && items.length === 0 && (
        <Text c="dimmed" mb="xs">
          {t('empty')}
        </Text>
      )}
      <DayGrid
        label={t('title')}
        mode={mode}
        day={day}
        onChange={(chosen, at) => set({ mode: chosen, day: localDay(at) })}
        items={items}
        move={(item, to) => {
          const entry = entries.find((one) => keyOf(one.entry) === item.id)?.entry;
          if (entry) move.mutate({ entry, from: item.day, to });
        }}
        add={setAdding}
        isPending={calendar.isPending}
      />
      {adding && <PlanDialog day={adding} close={() => setAdding(null)} />}
    </>
  );
}

/** Schedules of a release are moved at the release; what was published is past. */
function isMovable(entry: CalendarEntry): boolean {
  if (entry.kind === 'planned') return Boolean(entry.slot) || Boolean(entry.rule && entry.occurrence);
  return entry.kind === 'scheduled' && Boolean(entry.schedule) && !entry.release;
}

function keyOf(entry: CalendarEntry): string {
  if (entry.kind === 'planned') return entry.slot ? `slot ${entry.slot}` : `rule ${entry.rule} ${entry.occurrence}`;
  if (entry.kind === 'scheduled' && entry.schedule)
    return `schedule ${entry.schedule} ${entry.documentId} ${entry.locale}`;
  const release = entry.kind === 'scheduled' ? entry.release?.id : undefined;
  return `${entry.kind} ${entry.contentType} ${entry.documentId} ${entry.locale} ${entry.at} ${release}`;
}

/** Whether both are the same time of a rule, of which one has a slot by now. */
function isSameOccurrence(one: CalendarEntry, other: CalendarEntry): boolean {
  return (
    one.kind === 'planned' &&
    other.kind === 'planned' &&
    one.occurrence !== null &&
    one.rule === other.rule &&
    one.occurrence === other.occurrence
  );
}

function PlanDialog({ day, close }: { day: string; close: () => void }) {
  const { t } = useTranslation(['calendar', 'common']);
  const queries = useQueryClient();
  const model = useQuery(modelQuery);
  const [slot, setSlot] = useState({ title: '', day, time: '10:00', type: null as string | null, phase: '', team: '' });
  const plan = useMutation({
    mutationFn: () =>
      planSlot({
        title: slot.title.trim(),
        when: { localTime: `${slot.day}T${slot.time}`, zone: LOCAL_ZONE },
        ...(slot.type ? { contentType: slot.type } : {}),
        ...(slot.phase.trim() ? { phase: slot.phase.trim() } : {}),
        ...(slot.team.trim() ? { team: slot.team.trim() } : {}),
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['calendar'] });
      close();
    },
  });
  return (
    <FormDialog
      title={t('calendar:plan')}
      onClose={close}
      onSubmit={() => {
        if (slot.title.trim()) plan.mutate();
      }}
      pending={plan.isPending}
      error={plan.error}
      submit={t('calendar:planNow')}
      disabled={!slot.title.trim() ? t('calendar:missingWhat') : (!slot.day || !slot.time) && t('common:missing.time')}
    >
      <TextInput
        label={t('calendar:what')}
        data-autofocus
        value={slot.title}
        onChange={(event) => setSlot({ ...slot, title: event.currentTarget.value })}
      />
      <Group grow>
        <TextInput
          type="date"
          label={t('calendar:day')}
          value={slot.day}
          onChange={(event) => setSlot({ ...slot, day: event.currentTarget.value })}
        />
        <TextInput
          type="time"
          label={t('calendar:time')}
          description={LOCAL_ZONE}
          value={slot.time}
          onChange={(event) => setSlot({ ...slot, time: event.currentTarget.value })}
        />
      </Group>
      <Select
        label={t('calendar:type')}
        clearable
        searchable
        data={(model.data?.contentTypes ?? []).map(({ uid, info }) => ({ value: uid, label: info.displayName }))}
        value={slot.type}
        onChange={(type) => setSlot({ ...slot, type })}
      />
      <Group grow>
        <TextInput
          label={t('calendar:phase')}
          value={slot.phase}
          onChange={(event) => setSlot({ ...slot, phase: event.currentTarget.value })}
        />
        <TextInput
          label={t('calendar:team')}
          value={slot.team}
          onChange={(event) => setSlot({ ...slot, team: event.currentTarget.value })}
        />
      </Group>
    </FormDialog>
  );
}
