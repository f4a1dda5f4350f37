export { NotFoundPage } from './NotFoundPage';
export { RouteError } from './RouteError';
export { RoutePending } from './RoutePending';
export { TitledPage } from './TitledPage';
