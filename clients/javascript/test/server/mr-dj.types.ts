// Calls to the CRM in the project of examples/mr-dj: tsc compiles this file, and nothing runs it.
import { createClient } from '../../src/index.js';
import type { ContentTypes } from './projects/mr-dj.js';

export async function callMrDj(): Promise<void> {
  const cairn = createClient<ContentTypes>({ url: 'https://example.org' });
  const deals = cairn.collection('crm/deals');
  const { data } = await deals.find({ populate: { stage: true, contact: { populate: { activities: { fields: ['subject'], sort: 'subject' } } } } });
  data[0]?.stage?.documentId.length;
  data[0]?.contact?.activities[0]?.subject?.length;
  // @ts-expect-error not populated
  data[0]?.activities;
  // @ts-expect-error not in `fields`
  data[0]?.contact?.activities[0]?.createdAt;
  // @ts-expect-error misspelt
  deals.find({ sort: ['titel:asc'] });
  // @ts-expect-error misspelt, two levels down
  deals.find({ populate: { contact: { populate: { leads: true, lead: true } } } });
  // @ts-expect-error lacks what is required
  deals.create({});
  // @ts-expect-error a type of another project
  cairn.collection('journey/journeys');
}
