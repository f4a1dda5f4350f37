import { Button, Select, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  saveWorkingCalendar,
  type WorkingCalendar,
  type WorkingCalendars,
  workingCalendarsQuery,
} from '@/api/workingCalendars';
import { slugOf } from '@/fields/uid/slug';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { PageTitle } from '@/ui/PageTitle';
import { TimeZoneSelect } from '@/ui/TimeZoneSelect';
import { workingCalendarAddress, workingCalendarsAddress } from '../addresses';
import type { FieldProblem } from '../parts/problems';
import { Section } from '../parts/Section';
import { SettingsForm } from '../parts/SettingsForm';
import { useUndo } from '../parts/useUndo';
import { CalendarColumns } from './CalendarColumns';
import { type CalendarDraft, findMissing, fromCalendarDraft, toCalendarDraft } from './calendarDraft';
import { calendarProblems, problemsBelow } from './calendarProblems';
import { HolidaysInput } from './HolidaysInput';
import { PRESETS, presetName } from './presets';
import { useYearPreview } from './useYearPreview';
import { WeekInput } from './WeekInput';
import { YearSection } from './YearSection';

const NO_PRESET = 'none';
const MAX_NAME_CHARS = 60;

/** The name that plugins know a calendar by, made of its title. */
function nameOf(title: string): string {
  return slugOf(title).slice(0, MAX_NAME_CHARS).replace(/-+$/, '');
}

/** The last calendar that was complete: one with a time that is half typed has no year. */
function useLastComplete(calendar: WorkingCalendar, isComplete: boolean): WorkingCalendar {
  const [last, setLast] = useState(calendar);
  if (isComplete && JSON.stringify(last) !== JSON.stringify(calendar)) setLast(calendar);
  return last;
}

interface Props {
  /** How it begins. */
  initial: CalendarDraft;
  /** Left out for a calendar that does not exist yet. */
  name?: string;
  /** The names of all calendars. */
  taken: readonly string[];
}

/** The form of a calendar: its names and time zone, its week, its days off; and its year beside it. */
export function CalendarEditor({ initial, name: storedName, taken }: Props) {
  const { t } = useTranslation(['workingCalendars', 'common']);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const undo = useUndo();
  const isNew = storedName === undefined;
  const [draft, setDraft] = useState(initial);
  const [lastSaved, setLastSaved] = useState(() => fromCalendarDraft(initial));
  const [typedName, setTypedName] = useState<string | null>(null);
  // What was tried to be saved, and could not be as it stands: how often.
  const [refusals, setRefusals] = useState(0);
  const form = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (refusals > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [refusals]);

  const name = storedName ?? typedName ?? nameOf(draft.title);
  const calendar = fromCalendarDraft(draft);
  const missing = findMissing(draft);
  const preview = useYearPreview(useLastComplete(calendar, missing.length === 0));
  const keep = (all: WorkingCalendars): void => {
    queries.setQueryData(workingCalendarsQuery.queryKey, all);
  };

  const save = useMutation({
    mutationFn: () => saveWorkingCalendar(name, calendar),
    onSuccess: async (all) => {
      const [before, saved] = [lastSaved, all[name] ?? calendar];
      const stored = toCalendarDraft(saved);
      setLastSaved(fromCalendarDraft(stored));
      // As it was typed, unless the server stores it in another way: rows stay open.
      if (JSON.stringify(fromCalendarDraft(stored)) !== JSON.stringify(calendar)) setDraft(stored);
      if (isNew) {
        await navigate({ ...workingCalendarAddress.to({ name }), ignoreBlocker: true });
        keep(all);
        return;
      }
      keep(all);
      undo(t('workingCalendars:saved', { name: titleOf(saved, name) }), async () => {
        keep(await saveWorkingCalendar(name, before));
        setDraft(toCalendarDraft(before));
        setLastSaved(before);
      });
    },
  });
  const remove = useMutation({
    mutationFn: () => saveWorkingCalendar(name, null),
    onSuccess: async (all) => {
      await navigate({ ...workingCalendarsAddress.to({}), ignoreBlocker: true });
      keep(all);
      undo(t('workingCalendars:removed', { name: titleOf(lastSaved, name) }), async () =>
        keep(await saveWorkingCalendar(name, lastSaved)),
      );
    },
  });

  const change = (update: (draft: CalendarDraft) => CalendarDraft): void => {
    setDraft(update);
    // What was refused is being corrected.
    save.reset();
  };
  const nameProblem = !isNew
    ? undefined
    : name === ''
      ? t('workingCalendars:missing.name')
      : taken.includes(name)
        ? t('workingCalendars:taken')
        : undefined;
  const problems: FieldProblem[] = [
    ...(refusals > 0
      ? missing.map(({ path, missing: what }) => ({ path, message: t(`workingCalendars:missing.${what}`) }))
      : []),
    ...calendarProblems(save.error, name),
    ...calendarProblems(preview.error, 'calendar'),
  ];
  const ofCalendar = problems.filter(({ path }) => path === '').map(({ message }) => message);
  return (
    <Stack gap="md" ref={form}>
      <PageTitle title={isNew ? t('workingCalendars:new') : titleOf(lastSaved, name)} />
      <CalendarColumns year={<YearSection preview={preview} />}>
        <SettingsForm
          onSubmit={() => {
            if (missing.length > 0 || nameProblem) setRefusals(refusals + 1);
            else {
              setRefusals(0);
              save.mutate();
            }
          }}
          pending={save.isPending}
          error={save.error}
          saved={save.isSuccess}
          dirty={JSON.stringify(calendar) !== JSON.stringify(lastSaved)}
          submit={isNew ? t('workingCalendars:create') : undefined}
        >
          <Section title={t('workingCalendars:about')} lead={t('workingCalendars:aboutLead')}>
            <Stack gap="sm">
              <TextInput
                label={t('workingCalendars:titleOf')}
                description={t('workingCalendars:titleHint')}
                value={draft.title}
                onChange={({ currentTarget: { value } }) => change((now) => ({ ...now, title: value }))}
                error={problemsBelow(problems, 'title')}
                maxLength={60}
              />
              <TextInput
                label={t('workingCalendars:name')}
                description={t(isNew ? 'workingCalendars:nameHint' : 'workingCalendars:nameFixed')}
                value={name}
                onChange={(event) => {
                  setTypedName(event.currentTarget.value);
                  save.reset();
                }}
                error={
                  (refusals > 0 || name !== '' ? nameProblem : undefined) ??
                  (ofCalendar.length > 0 ? ofCalendar.join(' ') : undefined)
                }
                readOnly={!isNew}
                required={isNew}
                maxLength={MAX_NAME_CHARS}
              />
              <TimeZoneSelect
                label={t('workingCalendars:zone')}
                description={t('workingCalendars:zoneHint')}
                value={draft.zone}
                onChange={(zone) => change((now) => ({ ...now, zone }))}
                error={problemsBelow(problems, 'zone')}
              />
            </Stack>
          </Section>
          <Section title={t('workingCalendars:week.title')} lead={t('workingCalendars:week.lead')}>
            <WeekInput
              week={draft.week}
              onChange={(update) => change((now) => ({ ...now, week: update(now.week) }))}
              problems={problems}
            />
          </Section>
          <Section title={t('workingCalendars:holiday.title')} lead={t('workingCalendars:holiday.lead')}>
            <Stack gap="md">
              <PresetSelect
                preset={draft.preset}
                onChange={(preset) => change((now) => ({ ...now, preset }))}
                error={problemsBelow(problems, 'preset')}
              />
              <HolidaysInput
                holidays={draft.holidays}
                onChange={(update) => change((now) => ({ ...now, holidays: update(now.holidays) }))}
                problems={problems}
              />
            </Stack>
          </Section>
        </SettingsForm>
        {!isNew && (
          <Section title={t('workingCalendars:remove')} lead={t('workingCalendars:removeLead')}>
            <Stack gap="sm" align="flex-start">
              {remove.error && <ErrorMessage error={remove.error} />}
              <Button variant="outline" color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
                {t('workingCalendars:remove')}
              </Button>
            </Stack>
          </Section>
        )}
      </CalendarColumns>
    </Stack>
  );
}

/** A calendar as people call it. */
function titleOf(calendar: WorkingCalendar, name: string): string {
  return calendar.title ?? name;
}

function PresetSelect({
  preset,
  onChange,
  error,
}: {
  preset: string | null;
  onChange: (preset: string | null) => void;
  error?: string;
}) {
  const { t } = useTranslation('workingCalendars');
  const { t: anyOf } = useTranslation();
  // One of a newer server stays.
  const choices = new Set<string>([...PRESETS, ...(preset ? [preset] : [])]);
  return (
    <Select
      label={t('preset.label')}
      description={t('preset.hint')}
      data={[
        { value: NO_PRESET, label: t('preset.none') },
        ...[...choices].map((one) => ({ value: one, label: presetName(anyOf, one) })),
      ]}
      value={preset ?? NO_PRESET}
      onChange={(next) => onChange(next === NO_PRESET ? null : next)}
      allowDeselect={false}
      error={error}
    />
  );
}
