import { Anchor, Checkbox, List, Text, Title } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { PageTitle } from '@/ui/PageTitle';
import classes from './Builder.module.css';
import { BuilderScope } from './BuilderScope';
import { useBuilder } from './builder';
import { layout, LINE, WIDTH } from './model/diagram';
import { sectionOf } from './model/draft';
import { definitionAddress } from './addresses';

/** Content types and what leads from one to the other, as a drawing and as a list that says the same. */
export default function DiagramPage() {
  return (
    <BuilderScope>
      <Diagram />
    </BuilderScope>
  );
}

function Diagram() {
  const { t } = useTranslation('builder');
  const { all } = useBuilder();
  const navigate = useNavigate();
  const [components, setComponents] = useState(false);
  const [near, setNear] = useState<string | null>(null);
  const diagram = useMemo(() => layout(all, components), [all, components]);
  const nameOf = (uid: string): string => all[sectionOf(uid)][uid]?.info.displayName ?? uid;
  return (
    <>
      <PageTitle
        title={t('diagram.title')}
        actions={
          <Checkbox
            label={t('diagram.components')}
            checked={components}
            onChange={(event) => setComponents(event.currentTarget.checked)}
          />
        }
      >
        <Text size="sm" c="dimmed">
          {t('diagram.lead')}
        </Text>
      </PageTitle>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keys */}
      <div className={classes.diagram} tabIndex={0} role="region" aria-label={t('diagram.drawing')}>
        <svg
          width={diagram.width}
          height={diagram.height}
          viewBox={`0 0 ${diagram.width} ${diagram.height}`}
          aria-hidden
        >
          {diagram.edges.map((edge) => (
            <path
              key={edge.id}
              d={edge.path}
              className={classes.edge}
              data-part={edge.kind === 'relation' ? undefined : true}
              data-near={near && (edge.from === near || edge.to === near) ? true : undefined}
            >
              <title>{`${nameOf(edge.from)}.${edge.attribute} → ${nameOf(edge.to)}`}</title>
            </path>
          ))}
          {diagram.nodes.map((node) => (
            <g
              key={node.uid}
              className={classes.node}
              data-near={near === node.uid || undefined}
              transform={`translate(${node.x} ${node.y})`}
              style={{ cursor: 'pointer' }}
              onPointerEnter={() => setNear(node.uid)}
              onPointerLeave={() => setNear(null)}
              onClick={() => void navigate(definitionAddress.to({ uid: node.uid }))}
            >
              <rect
                className={classes.box}
                width={WIDTH}
                height={node.height}
                rx={4}
                data-component={sectionOf(node.uid) === 'components' || undefined}
              />
              <text className={classes.boxTitle} x={10} y={20}>
                {truncate(nameOf(node.uid), 24)}
              </text>
              {node.lines.map((line, index) => (
                <text key={line} className={classes.boxText} x={10} y={38 + index * LINE}>
                  {truncate(line, 32)}
                </text>
              ))}
            </g>
          ))}
        </svg>
      </div>
      <Title order={2} mt="lg" mb="xs">
        {t('diagram.list')}
      </Title>
      <List size="sm" spacing="xs">
        {diagram.nodes.map((node) => (
          <List.Item key={node.uid}>
            <Anchor
              renderRoot={(props) => <Link {...definitionAddress.to({ uid: node.uid })} {...props} />}
              size="sm"
              fw={600}
            >
              {nameOf(node.uid)}
            </Anchor>
            <List size="sm" withPadding>
              {diagram.edges
                .filter((edge) => edge.from === node.uid)
                .map((edge) => (
                  <List.Item key={edge.id}>
                    {edge.attribute} → {nameOf(edge.to)} (
                    {edge.relation ? t(`relation.${edge.relation}`) : t(`used.${edge.kind}`)})
                  </List.Item>
                ))}
            </List>
          </List.Item>
        ))}
      </List>
    </>
  );
}

function truncate(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
