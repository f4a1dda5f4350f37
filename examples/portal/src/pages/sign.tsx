import { data, redirect, useActionData, useLoaderData } from 'react-router';
import { type CairnError, hasStatus } from '../cairn/api.ts';
import {
  findSigningRequest,
  openEnvelope,
  sendSigningCode,
  sendSigningLink,
  type SigningRequest,
  type SigningWay,
} from '../cairn/signing.ts';
import { notFound, type PageContext } from '../context.ts';
import type { TextKey } from '../i18n/texts.ts';
import { WithCodes } from '../parts/codes.tsx';
import { Title } from '../parts/document.tsx';
import { ErrorSummary, Field, type FormProblem, PostForm } from '../parts/form.tsx';
import { useSite } from '../parts/site.tsx';
import { storeNotice } from '../session/notice.ts';
import { textsOf } from './passwords.ts';

interface SignData {
  request: SigningRequest;
  /** True once a code is on its way. */
  isCodeSent: boolean;
}

const INTROS: Record<SigningWay, TextKey> = {
  direct: 'sign.direct',
  code: 'sign.code.intro',
  mail: 'sign.mail',
};

/** States of an envelope in which the customer can sign it, and those in which they have. */
const TO_SIGN = new Set(['invited', 'open']);
const SIGNED = new Set(['signed', 'completed']);

/** Time after a code in which e-signing mails no other. */
const CODE_PAUSE_SECONDS = 60;

/** Texts for whatever Cairn cannot do at the moment, by what was asked of it. */
const LATER: Record<string, TextKey> = { code: 'sign.code.unsent', open: 'error.unavailable' };

interface SignProblem extends FormProblem {
  /** True if a code was to be mailed, and was not. */
  isCodeUnsent: boolean;
}

/** Result of the form: the page to sign, or what is wrong. */
type Outcome = { url: string } | SignProblem;

export async function loader(context: PageContext, { id = '' }: Record<string, string | undefined>): Promise<SignData> {
  const request = await context.asCustomer((api) => findSigningRequest(api, id));
  if (!request) throw notFound();
  return { request, isCodeSent: context.query('code') === 'sent' };
}

/** Opens the page to sign, or mails what leads there. */
export async function action(context: PageContext, parameters: Record<string, string | undefined>) {
  const { request } = await loader(context, parameters);
  const intent = context.field('intent');
  try {
    if (intent === 'code' && request.way === 'code') return await mailCode(context, request);
    if (intent === 'open' && request.way !== 'mail') return await openPage(context, request);
    return await mailLink(context, request);
  } catch (error) {
    return refuseAttempt(context, error, intent);
  }
}

async function mailLink(context: PageContext, request: SigningRequest) {
  const status = await context.asCustomer((api) => sendSigningLink(api, request.id));
  storeNotice(context.parts.keys, context.parts.jar, textsOf(context)(`documents.link.${status}`));
  return redirect('/documents', 303);
}

async function mailCode(context: PageContext, request: SigningRequest) {
  const t = textsOf(context);
  const { keys, jar } = context.parts;
  try {
    await context.asCustomer((api) => sendSigningCode(api, request.id));
    storeNotice(keys, jar, t('sign.code.sent'));
  } catch (error) {
    if (!hasStatus(error, 429)) throw error;
    // The code that was sent before may still work, so its field is shown. Whoever had too many in an hour waits longer, and is told how long.
    const isRecent = (error.retryAfter ?? 0) <= CODE_PAUSE_SECONDS;
    storeNotice(keys, jar, isRecent ? t('sign.code.sentJustNow') : error.message);
  }
  return redirect(`/sign/${encodeURIComponent(request.id)}?code=sent`, 303);
}

async function openPage(context: PageContext, request: SigningRequest) {
  const t = textsOf(context);
  const code = request.way === 'code' ? context.field('code').replace(/\s/g, '') : undefined;
  if (code !== undefined && !/^\d{6}$/.test(code)) {
    return refuse({ code: t(code ? 'sign.code.wrong' : 'sign.code.missing') }, { code });
  }
  const url = await context.asCustomer((api) => openEnvelope(api, request.id, code));
  if (!/^https?:\/\//.test(url)) throw new Error('e-signing has given an address that is none of a page');
  return data<Outcome>({ url });
}

function refuseAttempt(context: PageContext, error: unknown, intent: string) {
  const t = textsOf(context);
  const isCodeUnsent = intent === 'code';
  // Cairn says in the customer's language what is wrong, and how many attempts are left.
  if (hasStatus(error, 400))
    return refuse({ code: describe(error) || t('sign.code.wrong') }, { code: context.field('code') });
  if (hasStatus(error, 409)) return refuse({ '': error.message }, { isCodeUnsent, status: 409 });
  if (hasStatus(error, 429)) return refuse({ '': error.message || t('sign.code.again') }, { status: 429 });
  if (hasStatus(error, 403, 503)) {
    return refuse({ '': t(LATER[intent] ?? 'documents.link.later') }, { isCodeUnsent, status: error.status });
  }
  throw error;
}

function describe(error: CairnError): string {
  return error.fields.find(({ path }) => path === 'code')?.message ?? error.message;
}

function refuse(
  errors: Record<string, string>,
  { code = '', isCodeUnsent = false, status = 422 }: { code?: string; isCodeUnsent?: boolean; status?: number },
) {
  return data<Outcome>({ errors, values: { code }, isCodeUnsent }, { status });
}

/** The way to the page on which a document is signed. */
export function Component() {
  const { request, isCodeSent } = useLoaderData<SignData>();
  const outcome = useActionData<Outcome>();
  const { t } = useSite();
  const url = outcome && 'url' in outcome ? outcome.url : undefined;
  const problem = outcome && 'errors' in outcome ? outcome : undefined;
  const isCodeUnsent = problem?.isCodeUnsent ?? false;
  const isOver = !TO_SIGN.has(request.status);
  const asksForCode = request.way === 'code' && isCodeSent && !isCodeUnsent;
  return (
    <div className="narrow">
      <Title page={t('sign.title')} hasErrors={Boolean(problem)} />
      <p className="kicker">
        <a href="/documents">{t('documents.title')}</a>
      </p>
      <h1 className="long">
        <WithCodes text={request.title} />
      </h1>
      {/* Whoever mistyped goes on in the field, which has what is wrong as its description. */}
      <ErrorSummary errors={problem?.errors ?? {}} takesFocus={!problem?.errors.code} />
      {isOver ? (
        <>
          <p className="lead">{t(SIGNED.has(request.status) ? 'sign.done' : 'sign.over')}</p>
          <p>
            <a className="button" href="/documents">
              {t('sign.toDocuments')}
            </a>
          </p>
        </>
      ) : url ? (
        <>
          {/* Browsers let no form lead to another site, so the page leads there itself; the link is for those that do not follow. */}
          <meta httpEquiv="refresh" content={`0;url=${url}`} />
          <p className="lead">{t('sign.ready')}</p>
          <p>
            <a className="button" href={url} rel="noopener noreferrer">
              {t('sign.open')}
            </a>
          </p>
        </>
      ) : (
        <>
          {isCodeUnsent ? null : <p className="lead">{t(asksForCode ? 'sign.code.enter' : INTROS[request.way])}</p>}
          {asksForCode ? <CodeForms problem={problem} /> : <FirstForm request={request} />}
        </>
      )}
    </div>
  );
}

function FirstForm({ request }: { request: SigningRequest }) {
  const { t } = useSite();
  const [intent, text] = {
    direct: ['open', 'sign.open'] as const,
    code: ['code', 'sign.code.send'] as const,
    mail: ['link', 'documents.link.send'] as const,
  }[request.way];
  return (
    <PostForm>
      <input type="hidden" name="intent" value={intent} />
      <button className="button">{t(text)}</button>
    </PostForm>
  );
}

function CodeForms({ problem }: { problem: FormProblem | undefined }) {
  const { t } = useSite();
  return (
    <>
      <PostForm>
        <input type="hidden" name="intent" value="open" />
        <Field
          name="code"
          label={t('sign.code')}
          hint={t('sign.code.hint')}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={12}
          value={problem?.values.code ?? ''}
          error={problem?.errors.code}
          autoFocus={!problem?.errors['']}
        />
        <button className="button">{t('sign.open')}</button>
      </PostForm>
      <PostForm>
        <input type="hidden" name="intent" value="code" />
        <button className="link">{t('sign.code.resend')}</button>
      </PostForm>
    </>
  );
}
