import { data, redirect, useActionData, useLoaderData } from 'react-router';
import { hasStatus } from '../cairn/api.ts';
import { rateStep } from '../cairn/portal.ts';
import type { Step, Vehicle } from '../cairn/types.ts';
import { notFound, type PageContext, type Portal } from '../context.ts';
import { Title } from '../parts/document.tsx';
import { ErrorSummary, Field, type FormProblem, PostForm, RadioGroup } from '../parts/form.tsx';
import { withVehicle } from '../parts/portal-layout.tsx';
import { useSite } from '../parts/site.tsx';
import { storeNotice } from '../session/notice.ts';
import { textsOf } from './passwords.ts';

const MAX_SCORE = 10;
/** Most characters of a text, as Cairn takes it. */
const MAX_TEXT_CHARS = 2_000;

interface RateData {
  portal: Portal;
  vehicle: Vehicle;
  step: Step;
  draft: Record<string, string>;
}

export async function loader(context: PageContext): Promise<RateData> {
  const portal = await context.loadPortal();
  const { vehicle } = portal;
  const step = vehicle?.steps?.find(({ key }) => key === context.query('step'));
  if (!vehicle || !step) throw notFound();
  return { portal, vehicle, step, draft: Object.fromEntries(context.readDraft()?.fields ?? []) };
}

/** Stores a rating, or changes it. */
export async function action(context: PageContext) {
  const t = textsOf(context);
  const { portal, vehicle, step } = await loader(context);
  const [score, text] = [context.field('score'), context.field('text')];
  const refuse = (errors: Record<string, string>, status = 422) =>
    data<FormProblem>({ errors, values: { score, text } }, { status });
  if (!/^(\d|10)$/.test(score)) return refuse({ score: t('rate.missing') });
  if ([...text].length > MAX_TEXT_CHARS) return refuse({ text: t('rate.long', { most: MAX_TEXT_CHARS }) });
  try {
    await context.asCustomer((api) =>
      rateStep(api, vehicle.documentId, { step: step.key, score: Number(score), text }),
    );
  } catch (error) {
    // Cairn says in the customer's language why: the step is not done, or was done too long ago.
    if (hasStatus(error, 400, 409)) return refuse({ '': error.message || t('rate.closed') }, error.status);
    throw error;
  }
  context.removeDraft();
  storeNotice(context.parts.keys, context.parts.jar, t('rate.done'));
  return redirect(withVehicle('/', portal), 303);
}

/** The form to rate a step that is done. */
export function Component() {
  const { vehicle, step, draft } = useLoaderData<RateData>();
  const problem = useActionData<FormProblem>();
  const { context, format, t } = useSite();
  const isOpen = Date.parse(step.ratingClosesAt ?? '') > context.parts.now;
  const stored = { score: step.rating ? String(step.rating.score) : undefined, text: step.rating?.text ?? '' };
  const typed = problem?.values ?? ('score' in draft || 'text' in draft ? draft : stored);
  const scores = Array.from({ length: MAX_SCORE + 1 }, (_, score) => String(score));
  return (
    <div className="narrow">
      <Title page={`${t('rate.title')} ${step.title}`} hasErrors={Boolean(problem)} />
      <p className="kicker">
        {vehicle.title}: {step.title}
      </p>
      <h1>{t('rate.title')}</h1>
      <p className="lead">{t('rate.intro')}</p>
      <ErrorSummary errors={problem?.errors ?? {}} />
      {isOpen ? (
        <PostForm>
          <RadioGroup
            name="score"
            className="scores"
            legend={t('rate.score')}
            error={problem?.errors.score}
            selected={typed.score}
            options={scores.map((score) => ({ value: score, label: score }))}
          />
          <p className="scale" aria-hidden="true">
            <span>{t('rate.low')}</span>
            <span>{t('rate.high')}</span>
          </p>
          <Field
            name="text"
            label={t('rate.text')}
            rows={6}
            optional
            value={typed.text ?? ''}
            error={problem?.errors.text}
          />
          <p className="quiet">{t('rate.until', { day: format.day(step.ratingClosesAt) })}</p>
          <button className="button">{t('rate.submit')}</button>
        </PostForm>
      ) : (
        <p className="quiet">{t('rate.closed')}</p>
      )}
    </div>
  );
}
