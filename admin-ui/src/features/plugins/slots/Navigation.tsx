import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { pluginPageTarget } from '../addresses';
import { iconOf } from '../view/icons';
import { pagesByPlugin, usePluginViews } from './useViews';
import lines from '@/app/NavigationLines.module.css';
import classes from './Navigation.module.css';

/** The pages of plugins in the navigation, under the plugin's name. */
export default function PluginNavigation() {
  const groups = pagesByPlugin(usePluginViews());
  return groups.map(({ plugin, name, pages }) => (
    <section key={plugin} aria-labelledby={`plugin-${plugin}`}>
      <Text size="xs" c="dimmed" fw={500} className={classes.name} id={`plugin-${plugin}`} truncate>
        {name}
      </Text>
      <ul className={lines.list}>
        {pages.map((page) => {
          const Icon = iconOf(page.icon);
          return (
            <li key={page.name}>
              <Link
                {...pluginPageTarget(plugin, page.path)}
                className={lines.link}
                activeOptions={{ includeSearch: false }}
                activeProps={{ 'aria-current': 'page' }}
              >
                <Icon size={18} stroke={1.6} aria-hidden />
                <Text size="sm" truncate>
                  {page.title}
                </Text>
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  ));
}
