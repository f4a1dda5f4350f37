export { default as MediaPicker } from '@/fields/media/Picker';
export { expiringRoute, libraryRoute } from './routes';
