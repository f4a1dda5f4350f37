import { data, redirect, useActionData, useLoaderData } from 'react-router';
import { hasStatus } from '../cairn/api.ts';
import { getUser, getVehicle } from '../cairn/portal.ts';
import {
  type Consents,
  findConsents,
  findPreferences,
  type Preferences,
  savePreferences,
} from '../cairn/preferences.ts';
import { changePassword } from '../cairn/sign-in.ts';
import type { User, Vehicle, VehiclePerson } from '../cairn/types.ts';
import type { PageContext } from '../context.ts';
import { findLanguage, type TextKey, translate } from '../i18n/texts.ts';
import { Title } from '../parts/document.tsx';
import { ErrorSummary, Field, type FormProblem, PostForm, RadioGroup } from '../parts/form.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { useSite } from '../parts/site.tsx';
import { COOKIES } from '../session/cookies.ts';
import { storeNotice } from '../session/notice.ts';
import { ConsentsForm, storeConsent } from './consents-form.tsx';
import {
  describeRefusedPassword,
  describeTooMany,
  findPasswordProblem,
  MIN_PASSWORD_CHARS,
  textsOf,
} from './passwords.ts';
import { PreferencesForm, storePreferences } from './preferences-form.tsx';

const YEAR_SECONDS = 365 * 24 * 60 * 60;

interface ProfileData {
  name: string;
  user: User;
  vehicle: Vehicle | undefined;
  /** People who see the vehicle, if it is theirs. */
  people: VehiclePerson[] | undefined;
  /** `undefined` where the plugin has none, as before version 0.3. */
  preferences: Preferences | undefined;
  consents: Consents | undefined;
  /** The form for mails that was being filled in when the session ended. */
  draft: string | undefined;
}

export async function loader(context: PageContext): Promise<ProfileData> {
  const { dashboard, vehicle } = await context.loadPortal();
  const [user, own, preferences, consents] = await Promise.all([
    context.asCustomer(getUser),
    vehicle ? context.asCustomer((api) => getVehicle(api, vehicle.documentId)) : undefined,
    context.asCustomer(findPreferences),
    context.asCustomer(findConsents),
  ]);
  const kept = new URLSearchParams(context.readDraft()?.fields ?? []);
  const draft = kept.get('intent') === 'preferences' ? kept.toString() : undefined;
  return { name: dashboard.name || user.username, user, vehicle, people: own?.people, preferences, consents, draft };
}

/** Stores the language, mails or a consent, or changes the password. */
export async function action(context: PageContext) {
  switch (context.field('intent')) {
    case 'language':
      return saveLanguage(context);
    case 'preferences':
      return storePreferences(context);
    case 'consent':
      return storeConsent(context);
    default:
      return savePassword(context);
  }
}

/** Stores the language for this browser, and for the mails of the portal. */
async function saveLanguage(context: PageContext) {
  const { keys, jar } = context.parts;
  const language = findLanguage(context.field('language'));
  if (language) {
    await context.asCustomer(async (api) => {
      if (await findPreferences(api)) await savePreferences(api, { language });
    });
    jar.set(COOKIES.language, language, YEAR_SECONDS);
    storeNotice(keys, jar, translate(language, 'profile.language.done'));
  }
  return redirect(context.path, 303);
}

async function savePassword(context: PageContext) {
  const t = textsOf(context);
  const [current, password] = ['currentPassword', 'password'].map((name) => context.parts.form.get(name) ?? '');
  const refuse = (errors: Record<string, string>) => data<FormProblem>({ errors, values: {} }, { status: 422 });
  if (!current) return refuse({ currentPassword: t('form.required') });
  const problem = findPasswordProblem(context, password ?? '');
  if (problem) return refuse({ password: problem });
  try {
    const signedIn = await context.asCustomer((api) => changePassword(api, current, password ?? ''));
    storeNotice(context.parts.keys, context.parts.jar, t('profile.password.done'));
    // The token from before ended with the password.
    return context.startSession(signedIn, context.path);
  } catch (error) {
    const tooMany = describeTooMany(context, error);
    if (tooMany) return refuse({ '': tooMany });
    if (!hasStatus(error, 400)) throw error;
    if (error.message.includes('current password is invalid'))
      return refuse({ currentPassword: t('profile.password.wrong') });
    const refused = describeRefusedPassword(context, error);
    return refuse({ password: refused ?? t('password.same') });
  }
}

/** The customer's details, language and password, and the people who see their vehicle. */
export function Component() {
  const { name, user, vehicle, people, preferences, consents, draft } = useLoaderData<ProfileData>();
  const problem = useActionData<FormProblem>();
  const typed = problem?.values.form ?? draft;
  const { context, language, t } = useSite();
  const languages = context.parts.theme.languages.map(findLanguage).filter((code) => code !== undefined);
  return (
    <>
      <Title page={t('profile.title')} hasErrors={Boolean(problem)} />
      <PageHead title={t('profile.title')} intro={name} />
      <ErrorSummary errors={problem?.errors ?? {}} />
      <section className="block" aria-labelledby="account">
        <h2 id="account">{t('profile.account')}</h2>
        <dl className="details">
          <dt>{t('profile.name')}</dt>
          <dd>{name}</dd>
          <dt>{t('profile.username')}</dt>
          <dd>{user.username}</dd>
          <dt>{t('profile.email')}</dt>
          <dd>{user.email}</dd>
        </dl>
        <p className="quiet">{t('profile.change')}</p>
      </section>
      {vehicle && people ? <People vehicle={vehicle} people={people} /> : null}
      <section className="block" aria-labelledby="language-title">
        <h2 id="language-title">{t('profile.language')}</h2>
        <PostForm>
          <input type="hidden" name="intent" value="language" />
          <RadioGroup
            name="language"
            legend={t('language.switch')}
            selected={language}
            options={languages.map((code) => ({ value: code, label: translate(code, 'language'), lang: code }))}
          />
          <button className="button button-quiet">{t('profile.language.save')}</button>
        </PostForm>
      </section>
      {preferences ? (
        <section className="block" aria-labelledby="mails-title">
          <h2 id="mails-title">{t('preferences.title')}</h2>
          <PreferencesForm
            preferences={preferences}
            typed={typed === undefined ? undefined : new URLSearchParams(typed)}
            errors={problem?.values.form === undefined ? {} : problem.errors}
          />
          <p className="quiet after">{t('preferences.always')}</p>
        </section>
      ) : null}
      {consents && consents.purposes.length > 0 ? (
        <section className="block" aria-labelledby="consents-title">
          <h2 id="consents-title">{t('consent.title')}</h2>
          <ConsentsForm consents={consents} />
        </section>
      ) : null}
      <section className="block" aria-labelledby="password-title">
        <h2 id="password-title">{t('profile.password')}</h2>
        <PostForm>
          <input type="hidden" name="username" autoComplete="username" value={user.email} />
          <Field
            name="currentPassword"
            type="password"
            label={t('profile.password.current')}
            autoComplete="current-password"
            error={problem?.errors.currentPassword}
          />
          <Field
            name="password"
            type="password"
            label={t('password.new')}
            hint={t('password.hint', { chars: MIN_PASSWORD_CHARS })}
            autoComplete="new-password"
            error={problem?.errors.password}
          />
          <button className="button button-quiet">{t('profile.password.submit')}</button>
        </PostForm>
      </section>
    </>
  );
}

function People({ vehicle, people }: { vehicle: Vehicle; people: VehiclePerson[] }) {
  const { format, t } = useSite();
  return (
    <section className="block" aria-labelledby="people">
      <p className="kicker">{vehicle.title}</p>
      <h2 id="people">{t('profile.people')}</h2>
      {people.length < 2 ? <p className="quiet">{t('profile.people.none')}</p> : null}
      <ul className="rows">
        {people.map((person) => (
          <li key={`${person.name}/${person.role}`}>
            <p className="row-kind">{t(`profile.${person.role}`)}</p>
            <div className="row-main">
              <h3>{person.name}</h3>
              {person.role === 'delegate' ? (
                <p className="facts">
                  {Object.entries(person.scope)
                    .filter(([, isSeen]) => isSeen)
                    .map(([part]) => (
                      <span key={part}>{t(`scope.${part}` as TextKey)}</span>
                    ))}
                </p>
              ) : null}
            </div>
            <p className="row-end">{person.endsAt ? t('profile.until', { day: format.day(person.endsAt) }) : null}</p>
          </li>
        ))}
      </ul>
      <p className="quiet">{t('profile.people.hint')}</p>
    </section>
  );
}
