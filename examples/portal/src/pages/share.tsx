import { data, redirect, useActionData, useLoaderData } from 'react-router';
import { hasStatus } from '../cairn/api.ts';
import { listTimeline } from '../cairn/portal.ts';
import { createShare, findShares, revokeShare, type Share } from '../cairn/shares.ts';
import type { TimelineEntry, Vehicle } from '../cairn/types.ts';
import { notFound, type PageContext } from '../context.ts';
import type { TextKey } from '../i18n/texts.ts';
import { CopyField } from '../parts/copy-field.tsx';
import { Title } from '../parts/document.tsx';
import { ErrorSummary, Field, type FormProblem, PostForm, Select } from '../parts/form.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Picture } from '../parts/picture.tsx';
import { useSite } from '../parts/site.tsx';
import { fileAddresses } from '../server/file-addresses.ts';
import { storeNotice } from '../session/notice.ts';
import { readNewShare, storeNewShare } from '../session/new-share.ts';
import { textsOf } from './passwords.ts';

/** Limits of a link, as Cairn takes it. */
const MAX_PHOTOS = 12;
const MAX_MESSAGE_CHARS = 500;
const DEFAULT_DAYS = '30';
const DAYS = ['7', '14', DEFAULT_DAYS, '60', '90'];
/** Entries of the timeline whose photos can be chosen: the newest. */
const MAX_ENTRIES = 100;

interface ShareData {
  vehicle: Vehicle;
  entries: TimelineEntry[];
  shares: Share[];
  /** Address of the link that was just created: Cairn returns it once. */
  created: string | undefined;
  draft: [string, string][] | undefined;
}

/** True if a person can share the delivery of a vehicle. */
export function canShare(vehicle: Vehicle | undefined): boolean {
  return vehicle?.role === 'owner' && !vehicle.until && vehicle.status === 'delivered';
}

export async function loader(context: PageContext): Promise<ShareData> {
  const { vehicle } = await context.loadPortal();
  if (!vehicle || !canShare(vehicle)) throw notFound();
  const [timeline, shares] = await Promise.all([
    context.asCustomer((api) => listTimeline(api, vehicle.documentId, 1, MAX_ENTRIES)),
    context.asCustomer((api) => findShares(api, vehicle.documentId)),
  ]);
  if (!shares) throw notFound();
  const created = readNewShare(context);
  const isOpen = shares.some(({ id, isRevoked }) => id === created?.id && !isRevoked);
  return {
    vehicle,
    entries: timeline.rows.filter(({ photos }) => photos.length > 0),
    shares,
    created: created && isOpen ? new URL(`/shared/${created.token}`, context.parts.siteUrl).href : undefined,
    draft: context.readDraft()?.fields,
  };
}

/** Creates a link, or revokes one. */
export async function action(context: PageContext) {
  const { vehicle } = await context.loadPortal();
  if (!vehicle || !canShare(vehicle)) throw notFound();
  return context.field('intent') === 'revoke' ? revoke(context) : create(context, vehicle);
}

async function revoke(context: PageContext) {
  await context.asCustomer((api) => revokeShare(api, context.field('share')));
  storeNotice(context.parts.keys, context.parts.jar, textsOf(context)('share.revoked.done'));
  return redirect(context.path, 303);
}

async function create(context: PageContext, vehicle: Vehicle) {
  const t = textsOf(context);
  const photos = context.fields('photos');
  const [message, days] = [context.field('message'), context.field('days') || DEFAULT_DAYS];
  const refuse = (errors: Record<string, string>, status = 422) =>
    data<FormProblem>({ errors, values: { photos: photos.join(' '), message, days } }, { status });
  const errors = {
    ...(photos.length > MAX_PHOTOS ? { photos: t('share.tooMany', { most: MAX_PHOTOS }) } : {}),
    ...([...message].length > MAX_MESSAGE_CHARS ? { message: t('share.long', { most: MAX_MESSAGE_CHARS }) } : {}),
    ...(DAYS.includes(days) ? {} : { days: t('share.days.wrong') }),
  };
  if (Object.keys(errors).length > 0) return refuse(errors);
  try {
    const share = { photos, message, days: Number(days) };
    const created = await context.asCustomer((api) => createShare(api, vehicle.documentId, share));
    storeNewShare(context, created);
  } catch (error) {
    if (hasStatus(error, 400)) return refuse(errorsOf(error.fields, error.message), 422);
    // Cairn says in the customer's language why: too many links, or the car is not delivered any more.
    if (hasStatus(error, 409, 429)) return refuse({ '': error.message || t('error.tooMany') }, error.status);
    throw error;
  }
  context.removeDraft();
  return redirect(context.path, 303);
}

function errorsOf(fields: { path: string; message: string }[], message: string): Record<string, string> {
  const known = fields.map(({ path, message: text }) => [path.split('.')[0] ?? '', text] as const);
  const errors = Object.fromEntries(known.filter(([name]) => ['photos', 'message', 'days'].includes(name)));
  return Object.keys(errors).length > 0 ? errors : { '': message };
}

/** The form to share the delivery, and the links that there are. */
export function Component() {
  const { vehicle, shares, created } = useLoaderData<ShareData>();
  const problem = useActionData<FormProblem>();
  const { t } = useSite();
  return (
    <>
      <Title page={t('share.title')} hasErrors={Boolean(problem)} />
      <PageHead title={t('share.title')} intro={t('share.intro')} vehicle={vehicle} />
      <ErrorSummary errors={problem?.errors ?? {}} />
      {created && !problem ? (
        <section className="block" aria-labelledby="created">
          <h2 id="created">{t('share.created')}</h2>
          <CopyField id="share-link" label={t('share.link')} hint={t('share.once')} value={created} />
          <p className="after">
            <a href={created}>{t('share.look')}</a>
          </p>
        </section>
      ) : null}
      <section className="block" aria-labelledby="new">
        <h2 id="new">{t('share.new')}</h2>
        <ShareForm />
      </section>
      <section className="block" aria-labelledby="links">
        <h2 id="links">{t('share.links')}</h2>
        {shares.length === 0 ? <p className="quiet">{t('share.none')}</p> : null}
        <ul className="rows">
          {shares.map((share) => (
            <ShareRow key={share.id} share={share} />
          ))}
        </ul>
      </section>
    </>
  );
}

function ShareForm() {
  const { entries, draft } = useLoaderData<ShareData>();
  const problem = useActionData<FormProblem>();
  const { t } = useSite();
  const isKept = draft?.some(([name]) => name === 'days');
  const kept = Object.fromEntries(draft ?? []);
  const typed = problem?.values ?? (isKept ? kept : {});
  const chosen = problem
    ? (problem.values.photos ?? '').split(' ')
    : (draft ?? []).filter(([name]) => name === 'photos').map(([, id]) => id);
  return (
    <PostForm>
      <input type="hidden" name="intent" value="create" />
      {entries.length > 0 ? (
        <PhotoChoice entries={entries} chosen={chosen} error={problem?.errors.photos} />
      ) : (
        <p className="quiet">{t('share.photos.none')}</p>
      )}
      <Field
        name="message"
        label={t('share.message')}
        hint={t('share.message.hint', { most: MAX_MESSAGE_CHARS })}
        rows={3}
        optional
        value={typed.message ?? ''}
        error={problem?.errors.message}
      />
      <Select
        name="days"
        label={t('share.days')}
        options={DAYS.map((value) => ({ value, label: t('share.days.count', { count: value }) }))}
        selected={typed.days ?? DEFAULT_DAYS}
        error={problem?.errors.days}
      />
      <p className="quiet">{t('share.privacy')}</p>
      <button className="button">{t('share.submit')}</button>
    </PostForm>
  );
}

function PhotoChoice({
  entries,
  chosen,
  error,
}: {
  entries: TimelineEntry[];
  chosen: string[];
  error: string | undefined;
}) {
  const { t } = useSite();
  return (
    <fieldset
      id="photos"
      className={error ? 'field-wide field-wrong' : 'field-wide'}
      tabIndex={error ? -1 : undefined}
      aria-describedby={error ? 'photos-hint photos-error' : 'photos-hint'}
    >
      <legend>{t('share.photos')}</legend>
      <p className="hint" id="photos-hint">
        {t('share.photos.hint', { most: MAX_PHOTOS })}
      </p>
      {error ? (
        <p className="wrong" id="photos-error">
          {error}
        </p>
      ) : null}
      <div className="photo-choice">
        {entries.flatMap((entry) =>
          entry.photos.map((file, at) => (
            <label key={file.documentId}>
              <input
                type="checkbox"
                name="photos"
                value={file.documentId}
                defaultChecked={chosen.includes(file.documentId)}
              />
              <Picture
                file={file}
                alt={file.alternativeText || t('timeline.photo', { number: at + 1, title: entry.title })}
                sizes="(min-width: 60rem) 14rem, 45vw"
                address={(width) => fileAddresses.timeline(entry, file, width)}
              />
            </label>
          )),
        )}
      </div>
    </fieldset>
  );
}

function ShareRow({ share }: { share: Share }) {
  const { context, format, t } = useSite();
  const isOver = Date.parse(share.endsAt) <= context.parts.now;
  const isOpen = !share.isRevoked && !isOver;
  const state: TextKey = share.isRevoked ? 'share.state.revoked' : isOver ? 'share.state.over' : 'share.state.open';
  const views = share.views === 1 ? t('share.view') : t('share.views', { count: format.count(share.views) });
  const photos =
    share.photos.length === 1 ? t('share.photo') : t('share.photoCount', { count: format.count(share.photos.length) });
  const day = format.day(share.createdAt);
  return (
    <li>
      <p className="row-kind">{day}</p>
      <div className="row-main">
        <h3 className={share.message ? undefined : 'quiet'}>{share.message || t('share.noMessage')}</h3>
        <p className="facts">
          <span>{t(state, { day: format.day(share.endsAt) })}</span>
          {share.photos.length > 0 ? <span>{photos}</span> : null}
          <span>{views}</span>
        </p>
      </div>
      {isOpen ? (
        <PostForm className="row-end">
          <input type="hidden" name="intent" value="revoke" />
          <input type="hidden" name="share" value={share.id} />
          <button className="button button-quiet">
            {t('share.revoke')}
            <span className="unseen"> {t('share.revoke.of', { day })}</span>
          </button>
        </PostForm>
      ) : null}
    </li>
  );
}
