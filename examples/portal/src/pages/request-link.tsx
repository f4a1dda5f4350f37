import { data, useActionData } from 'react-router';
import { hasStatus } from '../cairn/api.ts';
import type { PageContext } from '../context.ts';
import type { TextKey } from '../i18n/texts.ts';
import { Title } from '../parts/document.tsx';
import { ErrorSummary, Field, type FormProblem, Notice, PostForm } from '../parts/form.tsx';
import { PublicLayout } from '../parts/public-layout.tsx';
import { useSite } from '../parts/site.tsx';
import { isAddress, textsOf } from './passwords.ts';

/** Texts of a page on which somebody has a link mailed to them. */
export interface LinkPage {
  title: TextKey;
  intro: TextKey;
  submit: TextKey;
}

/** Outcome of a request: the address that the mail goes to, if there is an account; or the problems. */
type Outcome = { sent: string } | FormProblem;

/** Requests the link of a route of Cairn, which answers the same for every address. */
export async function requestLink(context: PageContext, route: string, more: Record<string, string> = {}) {
  const email = context.field('email');
  const t = textsOf(context);
  if (!isAddress(email)) return refuse({ email: t(email ? 'mail.invalid' : 'form.required') }, email);
  try {
    await context.publicApi.post(route, { email, ...more });
  } catch (error) {
    if (hasStatus(error, 429)) return refuse({ '': t('signIn.tooMany') }, email);
    if (hasStatus(error, 400)) return refuse({ email: t('mail.invalid') }, email);
    throw error;
  }
  return { sent: email } satisfies Outcome;
}

function refuse(errors: Record<string, string>, email: string) {
  return data<Outcome>({ errors, values: { email } }, { status: 422 });
}

/** The page to request a link. */
export function RequestLinkPage({ title, intro, submit }: LinkPage) {
  const { t } = useSite();
  const outcome = useActionData<Outcome>();
  const sent = outcome && 'sent' in outcome ? outcome.sent : undefined;
  const problem = outcome && 'errors' in outcome ? outcome : undefined;
  return (
    <PublicLayout>
      <Title page={t(sent ? 'mail.sent.title' : title)} hasErrors={Boolean(problem)} />
      <h1>{t(sent ? 'mail.sent.title' : title)}</h1>
      {sent ? (
        <Notice>{t('mail.sent', { email: sent })}</Notice>
      ) : (
        <>
          <p className="lead">{t(intro)}</p>
          <ErrorSummary errors={problem?.errors ?? {}} />
          <PostForm>
            <Field
              name="email"
              type="email"
              label={t('mail.address')}
              autoComplete="email"
              value={problem?.values.email ?? ''}
              error={problem?.errors.email}
            />
            <button className="button">{t(submit)}</button>
          </PostForm>
        </>
      )}
      <p className="ways">
        <a href="/sign-in">{t('back.signIn')}</a>
      </p>
    </PublicLayout>
  );
}
