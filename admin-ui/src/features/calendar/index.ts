export { calendarRoute } from './routes';
