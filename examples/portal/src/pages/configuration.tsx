import { data, redirect, useActionData, useLoaderData } from 'react-router';
import { hasStatus } from '../cairn/api.ts';
import { confirmChoice } from '../cairn/portal.ts';
import type { Choice, Vehicle } from '../cairn/types.ts';
import { notFound, type PageContext } from '../context.ts';
import { Title } from '../parts/document.tsx';
import { ErrorSummary, Field, type FormProblem, PostForm, RadioGroup } from '../parts/form.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Picture } from '../parts/picture.tsx';
import { useSite } from '../parts/site.tsx';
import { fileAddresses } from '../server/file-addresses.ts';
import { storeNotice } from '../session/notice.ts';
import { textsOf } from './passwords.ts';

/** Most characters of a note, as Cairn takes it. */
const MAX_NOTE_CHARS = 1_000;

interface ConfigurationData {
  vehicle: Vehicle | undefined;
  choices: Choice[];
  /** The form that was being filled in when the session ended. */
  draft: Record<string, string>;
}

export async function loader(context: PageContext): Promise<ConfigurationData> {
  const { dashboard, vehicle } = await context.loadPortal();
  const choices = dashboard.choices.filter((choice) => choice.vehicle === vehicle?.documentId);
  return { vehicle, choices, draft: Object.fromEntries(context.readDraft()?.fields ?? []) };
}

/** Confirms a choice. */
export async function action(context: PageContext) {
  const t = textsOf(context);
  const { dashboard } = await context.loadPortal();
  const choice = dashboard.choices.find(({ documentId }) => documentId === context.field('choice'));
  if (!choice) throw notFound();
  const id = choice.documentId;
  const [option, note] = [context.field('option'), context.field('note')];
  const refuse = (errors: Record<string, string>, status = 422) =>
    data<FormProblem>({ errors, values: { choice: id, option, note } }, { status });
  if (!option) return refuse({ [`option-${id}`]: t('configuration.choose') });
  if ([...note].length > MAX_NOTE_CHARS) {
    return refuse({ [`note-${id}`]: t('configuration.long', { most: MAX_NOTE_CHARS }) });
  }
  try {
    await context.asCustomer((api) => confirmChoice(api, id, option, note));
  } catch (error) {
    // Cairn says in the customer's language why: the deadline has passed, the order was cancelled, the option is gone.
    if (hasStatus(error, 409)) return refuse({ '': error.message }, 409);
    if (hasStatus(error, 400)) return refuse({ [`option-${id}`]: error.fields[0]?.message ?? error.message });
    throw error;
  }
  context.removeDraft();
  storeNotice(context.parts.keys, context.parts.jar, t('configuration.done', { title: choice.title, option }));
  return redirect(context.path, 303);
}

/** The choices of a vehicle, and until when they can be made. */
export function Component() {
  const { vehicle, choices } = useLoaderData<ConfigurationData>();
  const problem = useActionData<FormProblem>();
  const { t } = useSite();
  const groups = new Map<string, Choice[]>();
  for (const choice of choices) {
    const group = choice.group || t('configuration.other');
    groups.set(group, [...(groups.get(group) ?? []), choice]);
  }
  const isHidden = vehicle?.scope && !vehicle.scope.seesChoices;
  return (
    <>
      <Title page={t('configuration.title')} hasErrors={Boolean(problem)} />
      <PageHead title={t('configuration.title')} intro={t('configuration.intro')} vehicle={vehicle} />
      <ErrorSummary errors={problem?.errors ?? {}} />
      {choices.length === 0 ? (
        <p className="quiet block">{t(isHidden ? 'configuration.hidden' : 'configuration.none')}</p>
      ) : null}
      {[...groups].map(([group, members]) => (
        <section key={group} className="block" aria-label={group}>
          <h2>{group}</h2>
          {members.map((choice) => (
            <ChoiceCard key={choice.documentId} choice={choice} isCancelled={vehicle?.status === 'cancelled'} />
          ))}
        </section>
      ))}
    </>
  );
}

function ChoiceCard({ choice, isCancelled }: { choice: Choice; isCancelled: boolean }) {
  const { format, t } = useSite();
  const { documentId, title, status, description, picture, deadline, confirmedAt } = choice;
  const isOpen = status !== 'locked' && !isCancelled;
  return (
    <article className="choice" id={`choice-${documentId}`}>
      <div className="choice-text">
        <h3>{title}</h3>
        <ChoiceState choice={choice} />
        {description ? <p>{description}</p> : null}
        {picture ? (
          <Picture
            file={picture}
            alt={picture.alternativeText ?? ''}
            sizes="(min-width: 60rem) 30rem, 100vw"
            address={(width) => fileAddresses.choice(choice, width)}
          />
        ) : null}
        <p className="quiet">
          {t(isOpen ? 'configuration.until' : 'configuration.lockedSince', { time: format.time(deadline) })}
        </p>
        {confirmedAt ? (
          <p className="quiet">{t('configuration.confirmedOn', { time: format.time(confirmedAt) })}</p>
        ) : null}
      </div>
      {isOpen ? <ChoiceForm choice={choice} /> : <FinalChoice choice={choice} />}
    </article>
  );
}

/** Who has proposed or chosen which option. */
function ChoiceState({ choice: { status, option } }: { choice: Choice }) {
  const { context, t } = useSite();
  const key = status === 'proposed' && !option ? 'configuration.open' : (`configuration.${status}` as const);
  const values = { company: context.parts.theme.name, option: option ?? '' };
  return <p className={`state state-${status}`}>{t(key, values)}</p>;
}

function FinalChoice({ choice }: { choice: Choice }) {
  const { t } = useSite();
  return (
    <div className="choice-form">
      <p className="chosen">
        {choice.option ? t('configuration.chosen', { option: choice.option }) : t('configuration.nothingChosen')}
      </p>
      {choice.note ? <p>{t('configuration.yourNote', { note: choice.note })}</p> : null}
    </div>
  );
}

function ChoiceForm({ choice }: { choice: Choice }) {
  const { t } = useSite();
  const { draft } = useLoaderData<ConfigurationData>();
  const problem = useActionData<FormProblem>();
  const id = choice.documentId;
  const typed = [problem?.values, draft].find((values) => values?.choice === id);
  // A proposal may be none of the options.
  const options = [
    ...new Set([choice.option, ...choice.options].filter((option): option is string => Boolean(option))),
  ];
  const inOrder = choice.options.includes(choice.option ?? '') ? choice.options : options;
  return (
    <PostForm className="form choice-form">
      <input type="hidden" name="choice" value={id} />
      <RadioGroup
        name="option"
        id={`option-${id}`}
        legend={`${t('configuration.options')}: ${choice.title}`}
        error={problem?.errors[`option-${id}`]}
        selected={typed?.option ?? choice.option ?? undefined}
        options={inOrder.map((option) => ({ value: option, label: option }))}
      />
      <Field
        name="note"
        id={`note-${id}`}
        label={t('configuration.note')}
        rows={2}
        optional
        value={typed?.note ?? choice.note ?? ''}
        error={problem?.errors[`note-${id}`]}
      />
      <button className="button">
        {t(choice.status === 'confirmed' ? 'configuration.change' : 'configuration.confirm')}
        <span className="unseen"> {choice.title}</span>
      </button>
    </PostForm>
  );
}
