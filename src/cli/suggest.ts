export { didYouMean, nearest } from '../findings/suggest.js';
