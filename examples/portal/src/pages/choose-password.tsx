import { data, useActionData } from 'react-router';
import { type CairnApi, CairnError } from '../cairn/api.ts';
import type { SignedIn } from '../cairn/sign-in.ts';
import type { PageContext } from '../context.ts';
import type { TextKey } from '../i18n/texts.ts';
import { Title } from '../parts/document.tsx';
import { ErrorSummary, Field, type FormProblem, Notice, PostForm } from '../parts/form.tsx';
import { PublicLayout } from '../parts/public-layout.tsx';
import { useSite } from '../parts/site.tsx';
import { describeRefusedPassword, describeTooMany, findPasswordProblem, MIN_PASSWORD_CHARS } from './passwords.ts';

/** What is known of a mailed link before its form is sent. */
export interface LinkState {
  isLost: boolean;
}

/** Texts and addresses of a page on which somebody chooses a password by a mailed link. */
export interface PasswordPage {
  title: TextKey;
  intro?: TextKey;
  submit: TextKey;
  /** Text for a link that does not work any more. */
  lost: TextKey;
  /** True if it is known not to work any more. */
  isLost?: boolean;
  /** Where a new link is requested. */
  request: { href: string; text: TextKey };
}

interface PasswordProblem extends FormProblem {
  /** True if the link does not work any more. */
  isLost: boolean;
}

type ChoosePassword = (api: CairnApi, code: string, password: string) => Promise<SignedIn>;

/** Chooses the password by the code in the page's address, and signs the person in. */
export async function choosePassword(context: PageContext, choose: ChoosePassword) {
  const password = context.parts.form.get('password') ?? '';
  const problem = findPasswordProblem(context, password);
  if (problem) return refuse({ password: problem }, false);
  try {
    return context.startSession(await choose(context.publicApi, context.query('code'), password), '/');
  } catch (error) {
    if (!(error instanceof CairnError) || ![400, 429].includes(error.status)) throw error;
    const tooMany = describeTooMany(context, error);
    if (tooMany) return refuse({ '': tooMany }, false);
    const refused = describeRefusedPassword(context, error);
    return refuse(refused ? { password: refused } : {}, !refused);
  }
}

function refuse(errors: Record<string, string>, isLost: boolean) {
  return data<PasswordProblem>({ errors, values: {}, isLost }, { status: 422 });
}

/** The page to choose a password. */
export function ChoosePasswordPage({ title, intro, submit, lost, request, ...link }: PasswordPage) {
  const { context, t } = useSite();
  const problem = useActionData<PasswordProblem>();
  const isLost = problem?.isLost || link.isLost || !context.query('code');
  const errors = problem?.errors ?? {};
  return (
    <PublicLayout>
      <Title page={t(title)} hasErrors={Boolean(problem)} />
      <h1>{t(title)}</h1>
      {isLost ? (
        <>
          <Notice kind="info">{t(lost)}</Notice>
          <p>
            <a className="button" href={request.href}>
              {t(request.text)}
            </a>
          </p>
        </>
      ) : (
        <>
          {intro ? <p className="lead">{t(intro)}</p> : null}
          <ErrorSummary errors={errors} />
          <PostForm>
            <Field
              name="password"
              type="password"
              label={t('password.new')}
              hint={t('password.hint', { chars: MIN_PASSWORD_CHARS })}
              autoComplete="new-password"
              error={errors.password}
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
