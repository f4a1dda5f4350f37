// @vitest-environment jsdom
import { QueryClient } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { refreshServerTexts } from './language';
import { personSummaryQuery } from './personalData';
import { roleActionsQuery } from './roles';

test('texts of the server are read again after a change of language, and content is not', async () => {
  const queries = new QueryClient();
  const worded = [
    personSummaryQuery('ann@example.com').queryKey,
    roleActionsQuery.queryKey,
    ['plugin-view', 'crm', 'board'],
  ];
  const content = ['content', 'api::article.article', 'entry', 'x'];
  for (const key of [...worded, content]) queries.setQueryData(key, {});
  await refreshServerTexts(queries);
  const stale = [...worded, content].map((key) => queries.getQueryState(key)?.isInvalidated);
  expect(stale).toEqual([true, true, true, false]);
});
