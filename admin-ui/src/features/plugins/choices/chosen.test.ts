import { describe, expect, it } from 'vitest';
import { ApiError } from '@/api/ApiError';
import type { PluginChoice } from '@/api/plugins';
import { choiceOptions, chosenValues, consentOf, toggleValue } from './chosen';

const choice: PluginChoice = {
  name: 'pages',
  title: 'Pages',
  kind: 'content-types',
  needs: [{ name: 'audience', kind: 'json' }],
  chosen: [
    { value: 'api::gone.gone', problem: 'is not a content type of this project', isNew: false },
    { value: 'api::page.page', problem: null, isNew: false },
  ],
  candidates: [
    { uid: 'api::page.page', displayName: 'Page', problem: null },
    { uid: 'api::post.post', displayName: 'Post', problem: null },
    { uid: 'api::tag.tag', displayName: 'Tag', problem: 'has no attribute audience' },
  ],
};

function conflict(details: Record<string, unknown>): ApiError {
  return new ApiError({ status: 409, name: 'ConflictError', message: 'agree', details });
}

describe('choices of a plugin', () => {
  it('offers what fits, and keeps what was chosen and is gone so that it can be taken out', () => {
    const values = toggleValue(chosenValues([choice]).pages ?? [], 'api::post.post', true);
    expect(values).toEqual(['api::gone.gone', 'api::page.page', 'api::post.post']);
    const { fitting, others } = choiceOptions(choice, values);
    expect(fitting.map(({ uid, problem, isNew }) => [uid, problem !== null, isNew])).toEqual([
      ['api::gone.gone', true, false],
      ['api::page.page', false, false],
      ['api::post.post', false, true],
    ]);
    expect(others.map(({ uid }) => uid)).toEqual(['api::tag.tag']);
    // Taken out and not saved: it can still be put back.
    expect(choiceOptions(choice, []).fitting.map(({ uid }) => uid)).toContain('api::gone.gone');
  });

  it('takes only the server’s question for one', () => {
    expect(consentOf(conflict({ widened: ['Reads'], opened: [] }))).toEqual({ widened: ['Reads'], opened: [] });
    expect(consentOf(conflict({}))).toBeUndefined();
    expect(consentOf(new Error('x'))).toBeUndefined();
  });
});
