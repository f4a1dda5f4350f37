import { screen } from '@testing-library/react';
import i18next from 'i18next';
import { expect, it, vi } from 'vitest';
import * as content from '@/api/content';
import common from '@/i18n/en/common.json';
import { startTestTexts } from '@/fields/testing';
import { renderAt } from '@/test/renderAt';
import { testModel } from '@/views/testModel';
import { PeekPanel } from './PeekPanel';

const [article] = testModel.contentTypes as [(typeof testModel.contentTypes)[0]];

it.each([true, false])('says how an entry stands where its type has drafts: %s', async (drafts) => {
  await startTestTexts();
  i18next.addResourceBundle('en', 'common', common);
  const entry = { id: 1, documentId: 'd', title: 'A title', rank: 'high' } as unknown as content.Entry;
  const state: content.DocumentState = { status: 'published', version: 1, locales: [] };
  vi.spyOn(content, 'readEntry').mockResolvedValue({ entry, state, version: '1', problems: [] });
  const type = { ...article, draftAndPublish: drafts };
  await renderAt('/content', <PeekPanel type={type} entry={entry} locale={undefined} close={() => undefined} />);
  await screen.findByText('high');
  expect(screen.queryAllByText('Published')).toHaveLength(drafts ? 1 : 0);
});
