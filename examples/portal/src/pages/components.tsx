import type { ReactNode } from 'react';
import type { PlottedChannel } from '../cairn/telemetry.ts';
import type { Vehicle } from '../cairn/types.ts';
import { notFound, type PageContext, type Portal } from '../context.ts';
import { ActionList, SurveyCards } from '../parts/actions.tsx';
import { Brand } from '../parts/brand.tsx';
import { CopyField } from '../parts/copy-field.tsx';
import { Document, Title } from '../parts/document.tsx';
import { CheckboxGroup, ErrorSummary, Field, Notice, RadioGroup, Select } from '../parts/form.tsx';
import { LanguageSwitch } from '../parts/language-switch.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Pager } from '../parts/pager.tsx';
import { Plot } from '../parts/plot.tsx';
import { useSite } from '../parts/site.tsx';
import { Stepper } from '../parts/stepper.tsx';

/** The page is there for those who build the site. */
export function loader(context: PageContext): null {
  if (!context.parts.showsComponents) throw notFound();
  return null;
}

/** Every part that pages are built of, with made-up content, to look at and to check. */
export function Component() {
  const { context, t } = useSite();
  const { vehicle, portal } = sampleOf(context.parts.now);
  const tokens = [
    'ground',
    'raised',
    'ink',
    'muted',
    'line',
    'control',
    'urgent',
    'good',
    'accent',
    'on-accent',
    'mark',
  ];
  return (
    <Document>
      <header className="head">
        <div className="head-bar">
          <Brand href="/components" />
          <LanguageSwitch />
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        <Title page={t('components.title')} />
        <PageHead title={t('components.title')} intro={t('components.intro')} vehicle={vehicle} />
        <Part title="Colours">
          <ul className="swatches">
            {tokens.map((token) => (
              <li key={token}>
                <span className={`swatch swatch-${token}`} />
                <code>--{token}</code>
              </li>
            ))}
          </ul>
        </Part>
        <Part title="Type">
          <p className="kicker">.kicker</p>
          <h3>h3</h3>
          <p className="lead">.lead</p>
          <p>p</p>
          <p className="quiet">.quiet</p>
          <p className="facts">
            <span>.facts</span>
            <span>span</span>
          </p>
        </Part>
        <Part title="Buttons">
          <p className="samples">
            <button type="button" className="button">
              .button
            </button>
            <button type="button" className="button button-quiet">
              .button-quiet
            </button>
            <button type="button" className="link">
              .link
            </button>
          </p>
        </Part>
        <Part title="Notice, ErrorSummary">
          <div className="form">
            <Notice>Notice</Notice>
            <Notice kind="info">Notice, info</Notice>
            <ErrorSummary errors={{ 'sample-wrong': t('form.required') }} />
          </div>
        </Part>
        <Part title="Field, RadioGroup, CheckboxGroup, Select">
          <Fields />
        </Part>
        <Part title="CopyField">
          <CopyField id="sample-copy" label={t('share.link')} hint={t('share.once')} value="https://example.com/x" />
        </Part>
        <Part title="Stepper">
          <Stepper vehicle={vehicle} />
        </Part>
        <SurveyCards portal={portal} vehicle={vehicle} />
        <Part title="ActionList">
          <ActionList portal={portal} vehicle={vehicle} />
        </Part>
        <Part title="Table">
          <SampleTable />
        </Part>
        <Part title="Plot">
          <div className="plots">
            <Plot id="sample-plot" channel={sampleChannel()} seconds={120} />
          </div>
        </Part>
        <Part title="Pager">
          <Pager page={2} pageCount={3} />
        </Part>
      </main>
    </Document>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="block" aria-label={title} lang="en">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Fields() {
  const { t } = useSite();
  const options = ['A', 'B', 'C'].map((value) => ({ value, label: value }));
  const scores = Array.from({ length: 11 }, (_, score) => ({ value: String(score), label: String(score) }));
  return (
    <div className="form">
      <Field name="sample" label="Field" hint="Hint" value="Text" />
      <Field name="sample-wrong" label="Field, wrong" error={t('form.required')} />
      <Field name="sample-optional" label="Field, optional" rows={3} optional />
      <Field name="sample-time" type="time" label="Field, time" value="22:00" />
      <RadioGroup name="sample-radio" legend="RadioGroup" selected="B" options={options} />
      <RadioGroup name="sample-score" legend="RadioGroup, scores" className="scores" selected="8" options={scores} />
      <CheckboxGroup
        name="sample-boxes"
        legend="CheckboxGroup"
        options={options.map((option) => ({ ...option, isChecked: option.value !== 'C' }))}
      />
      <Select name="sample-select" label="Select" selected="A" options={options} />
    </div>
  );
}

function SampleTable() {
  return (
    <table className="stacked" role="table">
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader">
            Name
          </th>
          <th scope="col" role="columnheader" className="number">
            Number
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {['One', 'Two'].map((name, at) => (
          <tr key={name} role="row">
            <th scope="row" role="rowheader">
              {name}
            </th>
            <td role="cell" className="number" data-label="Number">
              {at + 1}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A channel with a hill and a gap. */
function sampleChannel(): PlottedChannel {
  const points = Array.from({ length: 121 }, (_, t) => {
    const mean = 60 + 50 * Math.sin(t / 19);
    return t > 70 && t < 78 ? { t, min: null, max: null, mean: null } : { t, min: mean - 8, max: mean + 8, mean };
  });
  return { name: 'speed', unit: 'km/h', min: 2, max: 118, mean: 63.2, count: 114, missing: 7, points };
}

function sampleOf(now: number): { vehicle: Vehicle; portal: Portal } {
  const inDays = (days: number) => new Date(now + days * 86_400_000).toISOString();
  const scope = { seesTimeline: true, seesDocuments: true, seesPayments: true, seesChoices: true, seesService: true };
  const step = { startedAt: inDays(-30), doneAt: null, rating: null, ratingClosesAt: null };
  const vehicle: Vehicle = {
    documentId: 'sample',
    title: 'F22 – Sample',
    model: 'F22',
    role: 'owner',
    until: null,
    scope,
    steps: [
      { ...step, key: 'a', title: 'Step 1', status: 'done', doneAt: inDays(-10) },
      { ...step, key: 'b', title: 'Step 2', status: 'active' },
      { ...step, key: 'c', title: 'Step 3', status: 'todo', startedAt: null },
    ],
  };
  const survey = {
    id: 'sample',
    title: 'Survey',
    state: 'open' as const,
    isOpen: true,
    until: inDays(10),
    questions: [],
  };
  const action = { vehicle: 'sample', documentId: 'sample' };
  return {
    vehicle,
    portal: {
      vehicle,
      dashboard: {
        name: 'Sample',
        vehicles: [vehicle],
        timeline: [],
        documents: [],
        payments: [],
        choices: [],
        service: [],
        surveys: [survey],
        actions: [
          { ...action, kind: 'pay', title: 'Payment', due: inDays(-1), overdue: true, amount: 1_200 },
          { ...action, kind: 'choose', title: 'Leather', due: inDays(5) },
        ],
      },
    },
  };
}
