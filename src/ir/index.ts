export * from './location.js';
export * from './type.js';
export * from './variable.js';
export * from './access-path.js';
export * from './value.js';
export * from './operation.js';
export * from './function.js';
export * from './program.js';
