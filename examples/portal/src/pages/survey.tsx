import { data, redirect, useActionData, useLoaderData } from 'react-router';
import { hasStatus } from '../cairn/api.ts';
import { answerSurvey, declineSurvey, getSurvey } from '../cairn/surveys.ts';
import type { Survey, SurveyAnswers, SurveyQuestion } from '../cairn/types.ts';
import type { PageContext, Portal } from '../context.ts';
import { Title } from '../parts/document.tsx';
import { ErrorSummary, Field, type FormProblem, PostForm, RadioGroup } from '../parts/form.tsx';
import { withVehicle } from '../parts/portal-layout.tsx';
import { useSite } from '../parts/site.tsx';
import { storeNotice } from '../session/notice.ts';
import { textsOf } from './passwords.ts';

const MAX_SCORE = 10;
/** Most characters of a text, as Cairn takes it. */
const MAX_TEXT_CHARS = 2_000;

interface SurveyData {
  portal: Portal;
  survey: Survey;
  draft: Record<string, string>;
}

export async function loader(
  context: PageContext,
  { id = '' }: Record<string, string | undefined>,
): Promise<SurveyData> {
  const [portal, survey] = await Promise.all([context.loadPortal(), context.asCustomer((api) => getSurvey(api, id))]);
  return { portal, survey, draft: Object.fromEntries(context.readDraft()?.fields ?? []) };
}

/** Sends the answers, changes them, or says that there will be none. */
export async function action(context: PageContext, parameters: Record<string, string | undefined>) {
  const t = textsOf(context);
  const { portal, survey } = await loader(context, parameters);
  const { keys, jar } = context.parts;
  const typed = Object.fromEntries(survey.questions.map(({ key }) => [fieldOf(key), context.field(fieldOf(key))]));
  const refuse = (errors: Record<string, string>, status = 422) =>
    data<FormProblem>({ errors, values: typed }, { status });
  const isDeclined = context.field('intent') === 'decline';
  const [answers, errors] = readAnswers(context, survey.questions);
  if (!isDeclined && Object.keys(errors).length > 0) return refuse(errors);
  try {
    await context.asCustomer((api) =>
      isDeclined ? declineSurvey(api, survey.id) : answerSurvey(api, survey.id, answers),
    );
  } catch (error) {
    if (hasStatus(error, 400)) return refuse(errorsOf(survey, error.fields, error.message));
    // Cairn says in the customer's language why: the survey is closed.
    if (hasStatus(error, 409)) return refuse({ '': error.message || t('survey.closed') }, 409);
    throw error;
  }
  context.removeDraft();
  storeNotice(keys, jar, t(isDeclined ? 'survey.declined' : 'survey.done'));
  return redirect(withVehicle('/', portal), 303);
}

/** The name and id of a question's field. */
function fieldOf(key: string): string {
  return `answer-${key}`;
}

/** Answers of the form as Cairn takes them, and what is wrong with them. */
function readAnswers(context: PageContext, questions: SurveyQuestion[]): [SurveyAnswers, Record<string, string>] {
  const t = textsOf(context);
  const answers: SurveyAnswers = {};
  const errors: Record<string, string> = {};
  for (const { key, kind, label, isRequired, options } of questions) {
    const name = fieldOf(key);
    const text = context.field(name);
    if (!text) {
      if (isRequired) errors[name] = t(kind === 'text' ? 'survey.fill' : 'survey.choose', { question: label });
    } else if (kind === 'score') {
      if (/^(\d|10)$/.test(text)) answers[key] = Number(text);
      else errors[name] = t('rate.missing');
    } else if (kind === 'choice' && !options.some((option) => option.key === text)) {
      errors[name] = t('survey.choose', { question: label });
    } else if ([...text].length > MAX_TEXT_CHARS) {
      errors[name] = t('rate.long', { most: MAX_TEXT_CHARS });
    } else {
      answers[key] = text;
    }
  }
  return [answers, errors];
}

/** Cairn's problems by the fields of the page. */
function errorsOf(survey: Survey, fields: { path: string; message: string }[], message: string) {
  const errors: Record<string, string> = {};
  for (const { path, message: text } of fields) {
    const key = path.replace(/^answers\./, '');
    if (survey.questions.some((question) => question.key === key)) errors[fieldOf(key)] = text;
  }
  return Object.keys(errors).length > 0 ? errors : { '': message };
}

/** The questions of a survey. */
export function Component() {
  const { survey } = useLoaderData<SurveyData>();
  const problem = useActionData<FormProblem>();
  const { format, t } = useSite();
  return (
    <div className="narrow">
      <Title page={survey.title} hasErrors={Boolean(problem)} />
      <p className="kicker">{t('survey.kicker')}</p>
      <h1 className="long">{survey.title}</h1>
      {survey.isOpen ? (
        <>
          <p className="lead">{t(survey.state === 'answered' ? 'survey.change' : 'survey.intro')}</p>
          <ErrorSummary errors={problem?.errors ?? {}} />
          <PostForm>
            {survey.questions.map((question) => (
              <Question key={question.key} question={question} />
            ))}
            {survey.until ? <p className="quiet">{t('survey.until', { day: format.day(survey.until) })}</p> : null}
            <button className="button">{t('survey.submit')}</button>
          </PostForm>
          {survey.state === 'open' ? (
            <PostForm>
              <input type="hidden" name="intent" value="decline" />
              <button className="link">{t('survey.decline')}</button>
            </PostForm>
          ) : null}
        </>
      ) : (
        <p className="lead">{t(survey.state === 'declined' ? 'survey.wasDeclined' : 'survey.closed')}</p>
      )}
    </div>
  );
}

function Question({ question }: { question: SurveyQuestion }) {
  const { survey, draft } = useLoaderData<SurveyData>();
  const problem = useActionData<FormProblem>();
  const { t } = useSite();
  const { key, kind, label, options, isRequired } = question;
  const name = fieldOf(key);
  const isKept = survey.questions.some((other) => fieldOf(other.key) in draft);
  const stored = survey.answers?.[key];
  const value =
    (problem?.values ?? (isKept ? draft : undefined))?.[name] ?? (stored === undefined ? '' : String(stored));
  const error = problem?.errors[name];
  if (kind === 'text') {
    return <Field name={name} label={label} rows={5} optional={!isRequired} value={value} error={error} />;
  }
  const scores = Array.from({ length: MAX_SCORE + 1 }, (_, score) => ({ key: String(score), label: String(score) }));
  return (
    <RadioGroup
      name={name}
      className={kind === 'score' ? 'scores' : 'radios'}
      legend={isRequired ? label : `${label} (${t('form.optional')})`}
      error={error}
      selected={value}
      options={(kind === 'score' ? scores : options).map((option) => ({ value: option.key, label: option.label }))}
    />
  );
}
