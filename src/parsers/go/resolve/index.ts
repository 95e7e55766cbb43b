export * from './types.js';
export { buildWorld } from './world.js';
export type { ParseFile } from './dependencies.js';
export { meaningsOf } from './meanings.js';
