import type { CairnApi } from './api.ts';
import { encode } from './portal.ts';
import type { Survey, SurveyAnswers } from './types.ts';

/** A survey with its questions. Throws a `CairnError` (404) for one that is not theirs. */
export async function getSurvey(api: CairnApi, id: string): Promise<Survey> {
  return (await api.get<{ data: Survey }>(`/portal/me/surveys/${encode(id)}`)).data;
}

/** Sends answers, or changes them. Throws a `CairnError`: 400 with the questions that are not answered right, 409 when the survey is closed. */
export async function answerSurvey(api: CairnApi, id: string, answers: SurveyAnswers): Promise<void> {
  await api.post(`/portal/me/surveys/${encode(id)}`, { answers });
}

/** Says that the customer does not want to answer. Throws a `CairnError`: 409 when the survey is closed. */
export async function declineSurvey(api: CairnApi, id: string): Promise<void> {
  await api.post(`/portal/me/surveys/${encode(id)}/decline`, {});
}
