import calendar from '../nl/calendar.json';
import common from '../nl/common.json';
import frame from '../nl/frame.json';
import health from '../nl/health.json';
import home from '../nl/home.json';
import inbox from '../nl/inbox.json';
import list from '../nl/list.json';
import modelling from '../nl/modelling.json';
import plugins from '../nl/plugins.json';
import releases from '../nl/releases.json';
import views from '../nl/views.json';

/** What the shell and the home page say. */
export default { calendar, common, frame, health, home, inbox, list, modelling, plugins, releases, views };
