import calendar from '../en/calendar.json';
import common from '../en/common.json';
import frame from '../en/frame.json';
import health from '../en/health.json';
import home from '../en/home.json';
import inbox from '../en/inbox.json';
import list from '../en/list.json';
import modelling from '../en/modelling.json';
import plugins from '../en/plugins.json';
import releases from '../en/releases.json';
import views from '../en/views.json';

/** What the shell and the home page say. */
export default { calendar, common, frame, health, home, inbox, list, modelling, plugins, releases, views };
