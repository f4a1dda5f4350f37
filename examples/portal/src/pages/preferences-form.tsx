import { data, redirect } from 'react-router';
import { hasStatus } from '../cairn/api.ts';
import { type Preferences, savePreferences, TOPICS, type Topic } from '../cairn/preferences.ts';
import type { PageContext } from '../context.ts';
import { CheckboxGroup, Field, type FormProblem, PostForm, RadioGroup, Select } from '../parts/form.tsx';
import { useSite } from '../parts/site.tsx';
import { storeNotice } from '../session/notice.ts';
import { textsOf } from './passwords.ts';

const DIGESTS = ['off', 'daily'] as const;
/** Hours that are proposed to whoever has none. */
const NIGHT = { from: '22:00', to: '07:00' };
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

/** Stores which mails somebody wants, and when. */
export async function storePreferences(context: PageContext) {
  const t = textsOf(context);
  const form = context.parts.form;
  const errors: Record<string, string> = {};
  const isQuiet = form.has('quiet');
  const [from, to, timeZone] = [context.field('from'), context.field('to'), context.field('timeZone')];
  if (isQuiet && !TIME.test(from)) errors.from = t('preferences.time.wrong');
  if (isQuiet && !TIME.test(to)) errors.to = t('preferences.time.wrong');
  if (isQuiet && from === to && !errors.from) errors.to = t('preferences.time.same');
  if (Object.keys(errors).length > 0) return refuse(context, errors);
  const topics = context.fields('topics');
  const changes = {
    channels: { email: form.has('email') },
    topics: Object.fromEntries(TOPICS.map((topic) => [topic, topics.includes(topic)])) as Record<Topic, boolean>,
    digest: DIGESTS.find((digest) => digest === context.field('digest')) ?? 'off',
    quietHours: isQuiet ? { from, to } : null,
    timeZone,
  };
  try {
    await context.asCustomer((api) => savePreferences(api, changes));
  } catch (error) {
    if (!hasStatus(error, 400)) throw error;
    return refuse(context, errorsOf(error.fields, error.message));
  }
  context.removeDraft();
  storeNotice(context.parts.keys, context.parts.jar, t('preferences.done'));
  return redirect(context.path, 303);
}

/** Cairn's problems by the fields of the form. */
function errorsOf(fields: { path: string; message: string }[], message: string): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const { path, message: text } of fields) {
    const name = path.startsWith('quietHours.') ? path.slice('quietHours.'.length) : (path.split('.')[0] ?? '');
    errors[name === 'quietHours' ? 'from' : name === 'channels' ? 'email' : name] = text;
  }
  return Object.keys(errors).length > 0 ? errors : { '': message };
}

function refuse(context: PageContext, errors: Record<string, string>) {
  return data<FormProblem>({ errors, values: { form: context.parts.form.toString() } }, { status: 422 });
}

/** What the form shows: what was typed, or else what is stored. */
function shownValues(preferences: Preferences, typed: URLSearchParams | undefined) {
  if (!typed) {
    const { channels, topics, digest, quietHours, timeZone } = preferences;
    return {
      sendsMail: channels.email,
      topics: TOPICS.filter((topic) => topics[topic]) as string[],
      digest: digest as string,
      isQuiet: quietHours !== null,
      ...(quietHours ?? NIGHT),
      timeZone,
    };
  }
  return {
    sendsMail: typed.has('email'),
    topics: typed.getAll('topics'),
    digest: typed.get('digest') ?? 'off',
    isQuiet: typed.has('quiet'),
    from: typed.get('from') ?? '',
    to: typed.get('to') ?? '',
    timeZone: typed.get('timeZone') ?? preferences.timeZone,
  };
}

/** The form for mails: whether, about what, when. `typed`: what was filled in before, if anything was. */
export function PreferencesForm({
  preferences,
  typed,
  errors,
}: {
  preferences: Preferences;
  typed: URLSearchParams | undefined;
  errors: Record<string, string>;
}) {
  const { t } = useSite();
  const shown = shownValues(preferences, typed);
  const zones = [...new Set([shown.timeZone, ...Intl.supportedValuesOf('timeZone')])];
  return (
    <PostForm>
      <input type="hidden" name="intent" value="preferences" />
      <CheckboxGroup
        name="email"
        legend={t('preferences.channel')}
        error={errors.email}
        options={[{ value: 'true', label: t('preferences.email'), isChecked: shown.sendsMail }]}
      />
      <CheckboxGroup
        name="topics"
        legend={t('preferences.topics')}
        hint={t('preferences.topics.hint')}
        error={errors.topics}
        options={TOPICS.map((topic) => ({
          value: topic,
          label: t(`preferences.topic.${topic}`),
          isChecked: shown.topics.includes(topic),
        }))}
      />
      <RadioGroup
        name="digest"
        legend={t('preferences.digest')}
        error={errors.digest}
        selected={shown.digest}
        options={DIGESTS.map((value) => ({ value, label: t(`preferences.digest.${value}`) }))}
      />
      <CheckboxGroup
        name="quiet"
        legend={t('preferences.quiet')}
        hint={t('preferences.quiet.hint')}
        options={[{ value: 'true', label: t('preferences.quiet.on'), isChecked: shown.isQuiet }]}
      />
      <div className="pair">
        <Field name="from" type="time" label={t('preferences.from')} value={shown.from} error={errors.from} />
        <Field name="to" type="time" label={t('preferences.to')} value={shown.to} error={errors.to} />
      </div>
      <Select
        name="timeZone"
        label={t('preferences.zone')}
        error={errors.timeZone}
        selected={shown.timeZone}
        options={zones.map((value) => ({ value, label: value.replaceAll('_', ' ') }))}
      />
      <button className="button button-quiet">{t('preferences.save')}</button>
    </PostForm>
  );
}
