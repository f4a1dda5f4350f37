import { data, redirect } from 'react-router';
import { hasStatus } from '../cairn/api.ts';
import { type Consent, type Consents, findConsents, saveConsent } from '../cairn/preferences.ts';
import { notFound, type PageContext } from '../context.ts';
import { type FormProblem, PostForm } from '../parts/form.tsx';
import { useSite } from '../parts/site.tsx';
import { storeNotice } from '../session/notice.ts';
import { textsOf } from './passwords.ts';

/** Gives or withdraws a consent, for the text that the page showed. */
export async function storeConsent(context: PageContext) {
  const t = textsOf(context);
  const isGiven = context.field('isGiven') === 'true';
  const consents = await context.asCustomer(findConsents);
  const consent = consents?.purposes.find(({ key }) => key === context.field('key'));
  if (!consent) throw notFound();
  const refuse = () => data<FormProblem>({ errors: { '': t('consent.stale') }, values: {} }, { status: 409 });
  if (String(consent.version) !== context.field('version')) return refuse();
  try {
    await context.asCustomer((api) => saveConsent(api, consent.key, isGiven, consent.version));
  } catch (error) {
    if (hasStatus(error, 409)) return refuse();
    throw error;
  }
  context.removeDraft();
  const done = t(isGiven ? 'consent.given.done' : 'consent.withdrawn.done', { purpose: consent.label });
  storeNotice(context.parts.keys, context.parts.jar, done);
  return redirect(context.path, 303);
}

/** The purposes for which the customer is asked, what they said, and when. */
export function ConsentsForm({ consents }: { consents: Consents }) {
  const { t } = useSite();
  return (
    <>
      <p className="quiet">{t('consent.intro')}</p>
      <ul className="rows consents">
        {consents.purposes.map((consent) => (
          <ConsentRow key={consent.key} consent={consent} />
        ))}
      </ul>
      {consents.history.length > 0 ? <History consents={consents} /> : null}
    </>
  );
}

function ConsentRow({ consent }: { consent: Consent }) {
  const { format, t } = useSite();
  const { key, label, text, version, isGiven, at } = consent;
  const time = format.time(at);
  const state = !at ? t('consent.none') : t(isGiven ? 'consent.given' : 'consent.withdrawn', { time });
  return (
    <li>
      <div className="row-main">
        <h3>{label}</h3>
        <p>{text}</p>
        <p className="quiet">{state}</p>
      </div>
      <PostForm className="row-end">
        <input type="hidden" name="intent" value="consent" />
        <input type="hidden" name="key" value={key} />
        <input type="hidden" name="version" value={String(version)} />
        <button className="button button-quiet" name="isGiven" value={isGiven ? 'false' : 'true'}>
          {t(isGiven ? 'consent.withdraw' : 'consent.give')}
          <span className="unseen">: {label}</span>
        </button>
      </PostForm>
    </li>
  );
}

function History({ consents }: { consents: Consents }) {
  const { format, t } = useSite();
  const labels = new Map(consents.purposes.map(({ key, label }) => [key, label]));
  return (
    <details className="history">
      <summary>{t('consent.history')}</summary>
      <table className="stacked" role="table">
        <thead role="rowgroup">
          <tr role="row">
            {(['consent.when', 'consent.purpose', 'consent.said', 'consent.version', 'consent.where'] as const).map(
              (key) => (
                <th key={key} scope="col" role="columnheader">
                  {t(key)}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {consents.history.map(({ key, version, isGiven, at, source }) => (
            <tr key={`${key}/${at}`} role="row">
              <th scope="row" role="rowheader">
                {format.time(at)}
              </th>
              <td role="cell" data-label={t('consent.purpose')}>
                {labels.get(key) ?? key}
              </td>
              <td role="cell" data-label={t('consent.said')}>
                {t(isGiven ? 'consent.yes' : 'consent.no')}
              </td>
              <td role="cell" data-label={t('consent.version')}>
                {version}
              </td>
              <td role="cell" data-label={t('consent.where')}>
                {t(`consent.source.${source}`)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
