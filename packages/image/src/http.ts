export {
  type ImageRoute,
  type ImageRouteOptions,
  type ImageUrlOptions,
  imageRoute,
} from './route/image-route.ts';
