import { data, redirect, useActionData } from 'react-router';
import { CairnError } from '../cairn/api.ts';
import { signIn } from '../cairn/sign-in.ts';
import type { PageContext } from '../context.ts';
import type { TextKey } from '../i18n/texts.ts';
import { Title } from '../parts/document.tsx';
import { ErrorSummary, Field, type FormProblem, Notice, PostForm } from '../parts/form.tsx';
import { PublicLayout } from '../parts/public-layout.tsx';
import { useSite } from '../parts/site.tsx';
import { readNextPath } from '../session/paths.ts';
import { describeTooMany, textsOf } from './passwords.ts';

/** Why the page is shown, by what `?ended=` says. */
const ENDINGS: Record<string, TextKey> = {
  idle: 'signIn.ended',
  draft: 'signIn.endedDraft',
  lost: 'signIn.tooLong',
};

/** Leads people who are signed in already to their page. */
export function loader(context: PageContext) {
  return context.parts.session.kind === 'live' ? redirect(readNextPath(context.query('next'))) : null;
}

/** Signs somebody in. */
export async function action(context: PageContext) {
  const t = textsOf(context);
  const identifier = context.field('identifier');
  const password = context.parts.form.get('password') ?? '';
  const errors = {
    ...(identifier ? {} : { identifier: t('form.required') }),
    ...(password ? {} : { password: t('form.required') }),
  };
  if (Object.keys(errors).length > 0) return refuse(errors, identifier);
  try {
    const signedIn = await signIn(context.publicApi, identifier, password);
    return context.startSession(signedIn, readNextPath(context.query('next')));
  } catch (error) {
    if (!(error instanceof CairnError) || ![400, 401, 429].includes(error.status)) throw error;
    const tooMany = describeTooMany(context, error);
    if (tooMany) return refuse({ '': tooMany }, identifier);
    return refuse({ '': t(describeRefusal(error.message)) }, identifier);
  }
}

function describeRefusal(message: string): TextKey {
  if (message.includes('blocked')) return 'signIn.blocked';
  return message.includes('confirmed') ? 'signIn.unconfirmed' : 'signIn.wrong';
}

function refuse(errors: Record<string, string>, identifier: string) {
  return data<FormProblem>({ errors, values: { identifier } }, { status: 422 });
}

/** The page to sign in. */
export function Component() {
  const { context, t } = useSite();
  const problem = useActionData<FormProblem>();
  const ending = ENDINGS[context.query('ended')];
  return (
    <PublicLayout>
      <Title page={t('signIn.title')} hasErrors={Boolean(problem)} />
      <h1>{t('signIn.title')}</h1>
      <p className="lead">{t('signIn.intro')}</p>
      {ending && !problem ? <Notice kind="info">{t(ending)}</Notice> : null}
      <ErrorSummary errors={problem?.errors ?? {}} />
      <PostForm>
        <Field
          name="identifier"
          label={t('signIn.identifier')}
          autoComplete="username"
          value={problem?.values.identifier ?? ''}
          error={problem?.errors.identifier}
        />
        <Field
          name="password"
          type="password"
          label={t('signIn.password')}
          autoComplete="current-password"
          error={problem?.errors.password}
        />
        <button className="button">{t('signIn.submit')}</button>
      </PostForm>
      <ul className="ways">
        <li>
          <a href="/forgotten-password">{t('signIn.forgotten')}</a>
        </li>
        <li>
          <a href="/invitation/request">{t('signIn.invited')}</a>
        </li>
      </ul>
    </PublicLayout>
  );
}
