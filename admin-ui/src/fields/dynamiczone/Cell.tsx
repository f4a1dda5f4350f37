/** How many components there are. */
export { Cell } from '../component/Cell';
