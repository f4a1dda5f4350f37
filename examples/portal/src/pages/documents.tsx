import { data, redirect, useActionData, useLoaderData } from 'react-router';
import { hasStatus } from '../cairn/api.ts';
import { listDocuments } from '../cairn/portal.ts';
import { findSigningRequest, sendSigningLink, type SigningWay } from '../cairn/signing.ts';
import type { Page, Payment, Vehicle, VehicleDocument } from '../cairn/types.ts';
import { type PageContext, readPageNumber } from '../context.ts';
import type { TextKey } from '../i18n/texts.ts';
import { WithCodes } from '../parts/codes.tsx';
import { Title } from '../parts/document.tsx';
import { ErrorSummary, type FormProblem, PostForm } from '../parts/form.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Pager } from '../parts/pager.tsx';
import { useSite } from '../parts/site.tsx';
import { fileAddresses } from '../server/file-addresses.ts';
import { storeNotice } from '../session/notice.ts';
import { textsOf } from './passwords.ts';

const PAGE_SIZE = 20;

/** Texts for a file that comes with the signatures, by how far these are. */
const NO_FILE: Record<string, TextKey> = {
  sent: 'documents.awaitsSignature',
  completing: 'documents.awaitsCompletion',
};

interface DocumentsData {
  vehicle: Vehicle | undefined;
  documents: Page<VehicleDocument> | undefined;
  payments: Payment[] | undefined;
  /** How envelopes are opened, by their ids. */
  ways: Record<string, SigningWay>;
}

export async function loader(context: PageContext): Promise<DocumentsData> {
  const page = readPageNumber(context.query('page'));
  const { dashboard, vehicle } = await context.loadPortal();
  if (!vehicle) return { vehicle, documents: undefined, payments: undefined, ways: {} };
  // A former owner has no scope, and still sees documents and payments of their time.
  const { seesDocuments, seesPayments } = vehicle.scope ?? { seesDocuments: true, seesPayments: true };
  const documents = seesDocuments
    ? await context.asCustomer((api) => listDocuments(api, vehicle.documentId, page, PAGE_SIZE))
    : undefined;
  const payments = dashboard.payments.filter((payment) => payment.vehicle === vehicle.documentId);
  const ways = await findWays(context, documents?.rows ?? []);
  return { vehicle, documents, payments: seesPayments ? payments : undefined, ways };
}

/** How each envelope of the documents is opened: by a mailed link where e-signing names no other way. */
async function findWays(context: PageContext, documents: VehicleDocument[]): Promise<Record<string, SigningWay>> {
  const envelopes = documents.map(({ envelope }) => envelope).filter((id) => id !== null);
  const ways = await Promise.all(envelopes.map((id) => findWay(context, id)));
  return Object.fromEntries(envelopes.map((id, at) => [id, ways[at] ?? 'mail']));
}

async function findWay(context: PageContext, envelope: string): Promise<SigningWay | undefined> {
  try {
    return (await context.asCustomer((api) => findSigningRequest(api, envelope)))?.way;
  } catch (error) {
    // Whoever turns many pages of documents in a minute still sees them.
    if (hasStatus(error, 429)) return undefined;
    throw error;
  }
}

/** Mails the customer their link to sign a document. */
export async function action(context: PageContext) {
  const t = textsOf(context);
  const refuse = (message: string, status: number) =>
    data<FormProblem>({ errors: { '': message }, values: {} }, { status });
  try {
    const status = await context.asCustomer((api) => sendSigningLink(api, context.field('envelope')));
    storeNotice(context.parts.keys, context.parts.jar, t(`documents.link.${status}`));
  } catch (error) {
    if (hasStatus(error, 404)) return refuse(t('documents.link.notYours'), 404);
    // Cairn says in the customer's language why: it was signed, taken back, or the time to sign is over.
    if (hasStatus(error, 409)) return refuse(error.message, 409);
    if (hasStatus(error, 403, 429, 503)) return refuse(t('documents.link.later'), error.status);
    throw error;
  }
  return redirect(context.path, 303);
}

/** Documents and payments of the vehicle. */
export function Component() {
  const { vehicle, documents, payments, ways } = useLoaderData<DocumentsData>();
  const problem = useActionData<FormProblem>();
  const { t } = useSite();
  return (
    <>
      <Title page={t('documents.title')} hasErrors={Boolean(problem)} />
      <PageHead title={t('documents.title')} intro={t('documents.intro')} vehicle={vehicle} />
      <ErrorSummary errors={problem?.errors ?? {}} />
      <section className="block" aria-labelledby="documents">
        <h2 id="documents">{t('documents.list')}</h2>
        {vehicle && !documents ? <p className="quiet">{t('documents.hidden')}</p> : null}
        {!vehicle || documents?.rows.length === 0 ? <p className="quiet">{t('documents.none')}</p> : null}
        <ul className="rows">
          {documents?.rows.map((document) => (
            <DocumentRow
              key={document.documentId}
              document={document}
              vehicle={vehicle}
              way={ways[document.envelope ?? ''] ?? 'mail'}
            />
          ))}
        </ul>
        {documents ? <Pager page={documents.page} pageCount={documents.pageCount} /> : null}
      </section>
      <section className="block" aria-labelledby="payments">
        <h2 id="payments">{t('payments.title')}</h2>
        {vehicle && !payments ? <p className="quiet">{t('payments.hidden')}</p> : null}
        {!vehicle || payments?.length === 0 ? <p className="quiet">{t('payments.none')}</p> : null}
        {vehicle && payments && payments.length > 0 ? <PaymentTable payments={payments} vehicle={vehicle} /> : null}
      </section>
    </>
  );
}

function DocumentRow({
  document,
  vehicle,
  way,
}: {
  document: VehicleDocument;
  vehicle: Vehicle | undefined;
  way: SigningWay;
}) {
  const { format, t } = useSite();
  const { kind, title, number, issuedOn, amount, file, signature, signedAt, envelope } = document;
  const facts = [
    format.day(issuedOn),
    number ? t('documents.number', { number }) : '',
    amount === null ? '' : format.money(amount, vehicle?.contract?.currency),
  ];
  const isSigned = signature === 'signed' && signedAt;
  return (
    <li>
      <p className="row-kind">{t(`kind.${kind}`)}</p>
      <div className="row-main">
        <h3>
          <WithCodes text={title} />
        </h3>
        <p className="facts">
          {facts.filter(Boolean).map((fact) => (
            <span key={fact}>
              <WithCodes text={fact} />
            </span>
          ))}
        </p>
        {signature ? (
          <p className={`state state-${signature}`}>
            {isSigned ? t('documents.signed', { day: format.day(signedAt) }) : t(`signature.${signature}`)}
          </p>
        ) : null}
        {envelope ? <SignForm envelope={envelope} title={title} way={way} /> : null}
      </div>
      <p className="row-end">
        {file ? (
          <a className="button button-quiet" href={fileAddresses.document(document)}>
            {t('documents.download')}
            <span className="unseen">{title}, </span>
            <span className="size">{format.size(file.size)}</span>
          </a>
        ) : (
          <span className="quiet">{t(NO_FILE[signature ?? ''] ?? 'documents.noFile')}</span>
        )}
      </p>
    </li>
  );
}

function SignForm({ envelope, title, way }: { envelope: string; title: string; way: SigningWay }) {
  const { t } = useSite();
  if (way === 'mail') {
    return (
      <PostForm className="row-form">
        <input type="hidden" name="envelope" value={envelope} />
        <button className="button button-quiet">
          {t('documents.link.send')}
          <span className="unseen">: {title}</span>
        </button>
      </PostForm>
    );
  }
  return (
    <PostForm className="row-form" action={`/sign/${encodeURIComponent(envelope)}`}>
      <input type="hidden" name="intent" value={way === 'direct' ? 'open' : 'code'} />
      <button className="button">
        {t('documents.sign')}
        <span className="unseen"> {title}</span>
      </button>
    </PostForm>
  );
}

function PaymentTable({ payments, vehicle }: { payments: Payment[]; vehicle: Vehicle }) {
  const { format, t } = useSite();
  const { contract } = vehicle;
  const currency = contract?.currency;
  const words = ({ state, paidOn }: Payment) =>
    state === 'paid' ? t('payments.paid', { day: format.day(paidOn) }) : t(`payments.${state}`);
  return (
    <>
      {/* Roles are named because narrow pages show the table as a list, which browsers take for one. */}
      <table className="stacked" role="table">
        <thead role="rowgroup">
          <tr role="row">
            <th scope="col" role="columnheader">
              {t('payments.what')}
            </th>
            <th scope="col" role="columnheader">
              {t('payments.due')}
            </th>
            <th scope="col" role="columnheader">
              {t('payments.state')}
            </th>
            <th scope="col" role="columnheader" className="number">
              {t('payments.amount')}
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {payments.map((payment) => (
            <tr role="row" key={payment.documentId}>
              <th scope="row" role="rowheader">
                {payment.title}
              </th>
              <td role="cell" data-label={t('payments.due')}>
                {format.day(payment.dueOn)}
              </td>
              <td role="cell" data-label={t('payments.state')} className={`state state-${payment.state}`}>
                {words(payment)}
              </td>
              <td role="cell" data-label={t('payments.amount')} className="number">
                {format.money(payment.amount, currency)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {contract?.amount ? (
        <p className="quiet">
          {t('payments.total', {
            paid: format.money(contract.paid, currency),
            total: format.money(contract.amount, currency),
          })}
        </p>
      ) : null}
    </>
  );
}
